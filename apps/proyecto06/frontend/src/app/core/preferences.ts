import { DOCUMENT, inject, Injectable, LOCALE_ID, type Signal, signal } from "@angular/core";
import { Announcer } from "./announcer";
import { readCookie, writeCookie } from "./cookies";

/** `system` leaves it to the operating system. */
export type Scheme = "system" | "light" | "dark";
export type Contrast = "system" | "standard" | "more";
export type Language = "en" | "es";

/** What a value is called, for its control and for its announcement. */
export interface Choice<Value extends string> {
  value: Value;
  label: string;
}

export const schemes: readonly Choice<Scheme>[] = [
  { value: "system", label: $localize`:@@scheme.system:System` },
  { value: "light", label: $localize`:@@scheme.light:Light` },
  { value: "dark", label: $localize`:@@scheme.dark:Dark` },
];

export const contrasts: readonly Choice<Contrast>[] = [
  { value: "system", label: $localize`:@@contrast.system:System` },
  { value: "standard", label: $localize`:@@contrast.standard:Standard` },
  { value: "more", label: $localize`:@@contrast.more:More` },
];

// A language is called what those call it who speak it.
export const languages: readonly Choice<Language>[] = [
  { value: "en", label: "English" },
  { value: "es", label: "Español" },
];

/**
 * How a person wants to see the console. Each choice is a cookie of its own, so that nginx can send the page in the
 * right language and colours before any script runs (nginx.conf); a cookie that is missing means "as the system says".
 */
@Injectable({ providedIn: "root" })
export class Preferences {
  readonly #document = inject(DOCUMENT);
  readonly #announcer = inject(Announcer);
  readonly #scheme = signal(this.#read("scheme", schemes));
  readonly #contrast = signal(this.#read("contrast", contrasts));

  readonly scheme: Signal<Scheme> = this.#scheme.asReadonly();
  readonly contrast: Signal<Contrast> = this.#contrast.asReadonly();
  readonly language: Language = inject(LOCALE_ID).startsWith("es") ? "es" : "en";

  constructor() {
    // nginx has done this already; a development server has not.
    this.#show("scheme", this.#scheme());
    this.#show("contrast", this.#contrast());
  }

  setScheme({ value, label }: Choice<Scheme>): void {
    this.#scheme.set(value);
    this.#keep("scheme", value);
    void this.#announcer.say($localize`:@@scheme.announced:Colours: ${label}:choice:`);
  }

  setContrast({ value, label }: Choice<Contrast>): void {
    this.#contrast.set(value);
    this.#keep("contrast", value);
    void this.#announcer.say($localize`:@@contrast.announced:Contrast: ${label}:choice:`);
  }

  /** Loads this very page in another language. */
  setLanguage(value: Language): void {
    writeCookie(this.#document, "language", value);
    this.#document.defaultView?.location.reload();
  }

  #read<Value extends string>(name: string, choices: readonly Choice<Value>[]): Value {
    const kept = readCookie(this.#document, name);
    // The first choice is the system's.
    return (choices.find(({ value }) => value === kept) ?? choices[0])?.value as Value;
  }

  #keep(name: "scheme" | "contrast", value: string): void {
    writeCookie(this.#document, name, value);
    this.#show(name, value);
  }

  #show(name: "scheme" | "contrast", value: string): void {
    this.#document.documentElement.dataset[name] = value;
  }
}
