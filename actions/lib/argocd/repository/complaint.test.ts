import { expect, test } from "vitest";
import type { Application } from "../application.ts";
import { isUnreadable, unsyncedOrUnreadable } from "./complaint.ts";

const refresh = { "argocd.argoproj.io/refresh": "normal" };
const root = (message: string | undefined, annotations: Record<string, string> = {}) =>
  new Map([
    [
      "argocd/slipway",
      {
        metadata: { name: "slipway", namespace: "argocd", annotations },
        status: { conditions: message === undefined ? [] : [{ type: "ComparisonError", message }] },
      } as unknown as Application,
    ],
  ]);
const denied = "failed to list refs: authentication required: Repository not found.";

test.each([
  [denied, true],
  ['could not refresh installation id 1\'s token: received non 2xx response status "404 Not Found"', true],
  ["could not parse private key: invalid key", true],
  ["dial tcp: lookup github.com: i/o timeout", false],
  [
    'connection error: desc = "transport: Error while dialing: dial tcp 10.0.0.1:8081: connect: connection refused"',
    false,
  ],
  ["app path does not exist", false],
])("%s means that the repository may not be read: %s", (complaint, expected) => {
  expect(isUnreadable(complaint)).toBe(expected);
});

test("a repository that Argo CD may not read ends the waiting after a while, with what to do", () => {
  let now = 0;
  const missing = unsyncedOrUnreadable("dev", 20_000, () => now);
  expect(missing(root(denied))).toContain("not compared with git yet (ComparisonError");
  now = 19_999;
  expect(missing(root(denied))).toBeDefined();
  now = 20_000;
  expect(missing(root(denied, refresh)), "it was asked to look").toContain("was not looked at yet");
  let error: unknown;
  try {
    missing(root(denied));
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({
    reason: "repository-unreadable",
    next: expect.stringContaining("./slipway repository dev") as string,
  });
});

test("a complaint that goes away, as after a key was given, is forgotten", () => {
  let now = 0;
  const missing = unsyncedOrUnreadable("dev", 20_000, () => now);
  missing(root(denied));
  now = 15_000;
  missing(root(undefined));
  now = 30_000;
  expect(missing(root(denied))).toBeDefined();
});
