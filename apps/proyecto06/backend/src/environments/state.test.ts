import { expect, test } from "vitest";
import { stateOf } from "./state.ts";

test.each([
  [null, 0, "away"],
  [{ kind: "delivery", outcome: "running" }, 0, "delivering"],
  [{ kind: "delivery", outcome: "waiting" }, 2, "delivering"],
  [{ kind: "delivery", outcome: "succeeded" }, 2, "live"],
  [{ kind: "delivery", outcome: "succeeded" }, 0, "away"],
  [{ kind: "delivery", outcome: "failed" }, 2, "failed"],
  [{ kind: "teardown", outcome: "running" }, 2, "tearing-down"],
  [{ kind: "teardown", outcome: "failed" }, 2, "failed"],
  [{ kind: "teardown", outcome: "succeeded" }, 0, "away"],
] as const)("%o with %i apps: %s", (newest, apps, state) => {
  expect(stateOf(newest, apps)).toBe(state);
});
