import { InjectionToken, LOCALE_ID, inject } from "@angular/core";

/**
 * The locale that numbers and dates are written in: the console's language with the person's own region, where the
 * browser names one. `en` alone would give everybody American dates.
 */
export const REGION = new InjectionToken<string>("REGION", {
  factory: () => regionOf(inject(LOCALE_ID), globalThis.navigator.languages),
});

/** The first preferred locale of a language, or the bare language. */
export function regionOf(language: string, preferred: readonly string[]): string {
  const short = language.slice(0, 2);
  return preferred.find((each) => each === short || each.startsWith(`${short}-`)) ?? short;
}
