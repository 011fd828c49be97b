import "@angular/compiler";
import "@angular/localize/init";
import { DOCUMENT, Injector, LOCALE_ID, runInInjectionContext } from "@angular/core";
import { beforeEach, expect, test, vi } from "vitest";
import { Announcer } from "../page/announcer";
import { type Choice, type Preference, preferences } from "./choices";
import { Preferences } from "./preferences";

const say = vi.fn(() => Promise.resolve());
const reload = vi.fn();
const page = {
  cookie: "",
  documentElement: { dataset: {} as Record<string, string> },
  defaultView: { location: { reload } },
};

function open(cookie = "", locale = "en"): Preferences {
  Object.assign(page, { cookie, documentElement: { dataset: {} } });
  const injector = Injector.create({
    providers: [
      { provide: DOCUMENT, useValue: page },
      { provide: Announcer, useValue: { say } },
      { provide: LOCALE_ID, useValue: locale },
    ],
  });
  return runInInjectionContext(injector, () => new Preferences());
}

beforeEach(() => {
  say.mockClear();
  reload.mockClear();
});

test("without cookies everything is as the system has it", () => {
  open();
  expect(page.documentElement.dataset).toEqual({
    scheme: "system",
    contrast: "system",
    text: "standard",
    motion: "system",
  });
});

test("cookies are read, and a value that is not offered counts for nothing", () => {
  const opened = open("contrast=more; scheme=sepia; text=larger; motion=reduced");
  expect(page.documentElement.dataset).toEqual({
    scheme: "system",
    contrast: "more",
    text: "larger",
    motion: "reduced",
  });
  expect(opened.get("text")).toBe("larger");
});

test.each(preferences.flatMap((preference) => preference.choices.map((choice) => ({ preference, choice }))))(
  "$preference.name $choice.value is shown, kept and announced",
  ({ preference, choice }: { preference: Preference; choice: Choice }) => {
    const opened = open();
    opened.choose(preference, choice);
    expect(page.documentElement.dataset[preference.name]).toBe(choice.value);
    expect(page.cookie).toBe(`${preference.name}=${choice.value}; Path=/; Max-Age=31536000; SameSite=Lax`);
    expect(say).toHaveBeenCalledWith(`${preference.label}: ${choice.label}`);
    expect(opened.get(preference.name)).toBe(choice.value);
  },
);

test("another language is another page under the same address", () => {
  const opened = open("", "es-MX");
  expect(opened.language).toBe("es");
  opened.setLanguage("en");
  expect(page.cookie).toContain("language=en;");
  expect(reload).toHaveBeenCalledOnce();
});
