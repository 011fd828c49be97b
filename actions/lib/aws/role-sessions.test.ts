import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { longestSession, sessionSeconds } from "./role-sessions.ts";

test.each([
  ["a short plan", "plan", 0.5, 960],
  ["an hour's apply", "apply", 60, 4500],
  ["a teardown of hours", "apply", 230, 7200],
  ["an hour with a role that has no more", "deploy", 60, 3600],
] as const)("%s gets a session that outlasts it, as far as its role goes", (_what, role, minutes, seconds) => {
  expect(sessionSeconds(role, minutes)).toBe(seconds);
});

test("STS takes every length", () => {
  for (const role of ["plan", "deploy", "apply"] as const)
    for (const minutes of [0, 1, 59.5, 350]) {
      expect(sessionSeconds(role, minutes)).toBeGreaterThanOrEqual(900);
      expect(sessionSeconds(role, minutes)).toBeLessThanOrEqual(longestSession[role]);
      expect(Number.isInteger(sessionSeconds(role, minutes))).toBe(true);
    }
});

test("Terraform's default time ends before a session of the apply role does", async () => {
  const text = await readFile(join(import.meta.dirname, "../../infra/action.yml"), "utf8");
  const { inputs } = parse(text) as { inputs: Record<string, { default: string }> };
  const minutes = Number(inputs["timeout-minutes"]?.default);
  expect(sessionSeconds("apply", minutes)).toBeGreaterThanOrEqual((minutes + 10) * 60);
});
