import "@angular/compiler";
import { expect, test } from "vitest";
import {
  formatAge,
  formatDay,
  formatDuration,
  formatInstant,
  formatMonth,
  formatShare,
  formatTime,
  formatUsd,
  shorten,
} from "./format";
import { regionOf } from "./region";
import { webAddress } from "./web-address";

const at = Date.parse("2026-11-24T14:45:07.000Z");

test.each([
  [0, "0s", "0s"],
  [0.4, "0s", "0s"],
  [59.6, "1m", "1min"],
  [92, "1m 32s", "1min 32s"],
  [3_600, "1h", "1h"],
  [3_725, "1h 2m", "1h 2min"],
  [90_000, "1d 1h", "1d 1h"],
  [-5, "0s", "0s"],
])("%d seconds", (seconds, english, spanish) => {
  expect(formatDuration(seconds, "en-GB")).toBe(english);
  expect(formatDuration(seconds, "es-ES").replaceAll("\u00a0", " ")).toBe(spanish);
});

test("ages", () => {
  expect(formatAge(at - 200_000, at, "en")).toBe("3 minutes ago");
  expect(formatAge(at - 200_000, at, "es")).toBe("hace 3 minutos");
  expect(formatAge(at - 26 * 3_600_000, at, "en")).toBe("yesterday");
  expect(formatAge(at, at, "en")).toBe("now");
});

test("dates and times", () => {
  expect(formatInstant(at, "en-GB", "Europe/Madrid")).toBe("24 Nov 2026, 15:45");
  expect(formatInstant(at, "es-ES", "Europe/Madrid")).toBe("24 nov 2026, 15:45");
  expect(formatTime(at, "es-ES", "UTC")).toBe("14:45:07");
  expect(formatDay(at, "es-ES")).toBe("24 nov");
  expect(formatMonth(at, "en-GB")).toBe("Nov 2026");
});

test("numbers", () => {
  expect(formatShare(0.0714, "en-GB")).toBe("7.1%");
  expect(formatShare(0.0714, "es-ES").replaceAll("\u00a0", " ")).toBe("7,1 %");
  expect(formatUsd(3.65, "en-US")).toBe("$3.65");
  expect(shorten(`sha256:${"ab".repeat(32)}`)).toBe("abababababab");
  expect(shorten("c0ffee00c0ffee00")).toBe("c0ffee0");
});

test("the region is the person's own, in the console's language", () => {
  expect(regionOf("en", ["es-MX", "en-GB", "en-US"])).toBe("en-GB");
  expect(regionOf("es", ["de-CH", "en"])).toBe("es");
});

test("only an address of the web becomes a link", () => {
  expect(webAddress("https://example.test/a?b")).toBe("https://example.test/a?b");
  for (const text of ["javascript:alert(1)", "data:text/html,x", "/relative", "", "ftp://example.test"])
    expect(webAddress(text)).toBeNull();
});
