import { expect, test } from "vitest";
import { overlap } from "./networks.ts";

test.each([
  ["10.0.0.0/16", "10.0.0.0/16", true],
  ["10.0.0.0/16", "10.0.128.0/20", true],
  ["10.0.0.0/16", "10.1.0.0/16", false],
  ["10.0.0.0/16", "10.0.255.255/32", true],
  ["10.0.0.0/15", "10.1.0.0/16", true],
  ["10.0.7.9/16", "10.0.200.0/24", true],
  ["192.168.0.0/17", "192.168.128.0/17", false],
  ["0.0.0.0/0", "203.0.113.0/24", true],
  ["255.255.0.0/16", "10.0.0.0/8", false],
])("%s and %s: %s", (a, b, expected) => {
  expect(overlap(a, b)).toBe(expected);
  expect(overlap(b, a)).toBe(expected);
});
