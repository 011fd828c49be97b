/** A value of a preference, and what it is called in its control and when it is announced. */
export interface Choice {
  value: string;
  label: string;
}

/** The names under which preferences are kept: a cookie and an attribute of `<html>` (`data-scheme`) each. */
export type PreferenceName = "scheme" | "contrast" | "text" | "motion";

/** Something that people may want otherwise. */
export interface Preference {
  name: PreferenceName;
  label: string;
  /** The first one holds until something is chosen. `system` leaves it to the operating system. */
  choices: readonly [Choice, ...Choice[]];
}

const system = (label: string): Choice => ({ value: "system", label });

/** What people may choose, in the panel's order. The values are those that styles and nginx know (nginx/http.conf). */
export const preferences: readonly Preference[] = [
  {
    name: "scheme",
    label: $localize`:@@preferences.scheme:Colours`,
    choices: [
      system($localize`:@@scheme.system:System`),
      { value: "light", label: $localize`:@@scheme.light:Light` },
      { value: "dark", label: $localize`:@@scheme.dark:Dark` },
    ],
  },
  {
    name: "contrast",
    label: $localize`:@@preferences.contrast:Contrast`,
    choices: [
      system($localize`:@@contrast.system:System`),
      { value: "standard", label: $localize`:@@contrast.standard:Standard` },
      { value: "more", label: $localize`:@@contrast.more:More` },
    ],
  },
  {
    name: "text",
    label: $localize`:@@preferences.text:Text size`,
    choices: [
      { value: "standard", label: $localize`:@@text.standard:Normal` },
      { value: "large", label: $localize`:@@text.large:Large` },
      { value: "larger", label: $localize`:@@text.larger:Larger` },
    ],
  },
  {
    name: "motion",
    label: $localize`:@@preferences.motion:Motion`,
    choices: [
      system($localize`:@@motion.system:System`),
      { value: "reduced", label: $localize`:@@motion.reduced:Reduced` },
    ],
  },
];

/** The languages that every interface is built in. Each is called what those call it who speak it. */
export const languages = [
  { value: "en", label: "English" },
  { value: "es", label: "Español" },
] as const;
export type Language = (typeof languages)[number]["value"];
