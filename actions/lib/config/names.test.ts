import { expect, it } from "vitest";
import { domainName, problemsOfNames, zoneOf } from "./names.ts";

it.each(["example.com", "dev.example.com", "a-b.c1.example.co", "xn--bcher-kva.example", "eu.dev.example.test"])(
  "%s is a domain",
  (name) => {
    expect(domainName.parse(name)).toBe(name);
  },
);

it.each([
  "",
  "example",
  "example.com.",
  ".example.com",
  "dev..example.com",
  "Dev.example.com",
  "*.example.com",
  "-a.example.com",
  "a-.example.com",
  "a_b.example.com",
  "example.123",
  "dev.example.com/x",
  "dev example.com",
  "dev.example.com\nx",
  "http://example.com",
  "example.com:443",
  `${"a".repeat(64)}.example.com`,
  `${"abcdefgh.".repeat(6)}example.com`,
])("%j is not a domain", (name) => {
  expect(domainName.safeParse(name).success).toBe(false);
});

it("environments share a zone by domains of their own", () => {
  const all = {
    dev: { domain: "dev.example.com", zone: "example.com" },
    prod: { domain: "example.com" },
    test: {},
  };
  expect(problemsOfNames(all)).toEqual([]);
  expect(Object.values(all).map(zoneOf)).toEqual(["example.com", "example.com", undefined]);
});
