import { expect, test } from "vitest";
import { returnPath } from "./return-path";

test.each([
  ["/measures?interval=day", "/measures?interval=day"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["", "/"],
  [null, "/"],
])("%s leads to %s", (wanted, path) => {
  expect(returnPath(wanted)).toBe(path);
});
