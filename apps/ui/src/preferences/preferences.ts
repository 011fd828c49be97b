import { DOCUMENT, inject, Injectable, LOCALE_ID, signal } from "@angular/core";
import { Announcer } from "../page/announcer";
import { type Choice, type Language, type Preference, type PreferenceName, preferences } from "./choices";
import { readCookie, writeCookie } from "./cookies";

/**
 * How a person wants to see the interface. Each choice is a cookie of its own, so that nginx can send the page in the
 * right language and colours before any script runs (nginx/http.conf); a cookie that is missing means the first choice.
 */
@Injectable({ providedIn: "root" })
export class Preferences {
  readonly #document = inject(DOCUMENT);
  readonly #announcer = inject(Announcer);
  readonly #values = signal(
    Object.fromEntries(preferences.map((each) => [each.name, this.#kept(each)])) as Record<PreferenceName, string>,
  );

  readonly language: Language = inject(LOCALE_ID).startsWith("es") ? "es" : "en";

  constructor() {
    // nginx has done this already; a development server has not.
    for (const { name } of preferences) this.#show(name);
  }

  /** What is chosen, as a signal is read. */
  get(name: PreferenceName): string {
    return this.#values()[name];
  }

  /** Shows a choice at once, keeps it for the next visit, and says it to a screen reader. */
  choose({ name, label }: Preference, choice: Choice): void {
    this.#values.update((values) => ({ ...values, [name]: choice.value }));
    writeCookie(this.#document, name, choice.value);
    this.#show(name);
    void this.#announcer.say(`${label}: ${choice.label}`);
  }

  /** Loads this very page in another language. */
  setLanguage(value: Language): void {
    writeCookie(this.#document, "language", value);
    this.#document.defaultView?.location.reload();
  }

  #kept({ name, choices }: Preference): string {
    const kept = readCookie(this.#document, name);
    return (choices.find(({ value }) => value === kept) ?? choices[0]).value;
  }

  #show(name: PreferenceName): void {
    this.#document.documentElement.dataset[name] = this.get(name);
  }
}
