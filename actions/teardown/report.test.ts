import { expect, it } from "vitest";
import { StageFailure } from "../lib/lifecycle/down/stage-down.ts";
import { dryRunLines, dryRunMarkdown, teardownMarkdown } from "./report.ts";

const found = Array.from({ length: 7 }, (_, index) => ({ kind: "image repository", name: `demo/${index}` }));
const record = {
  environment: "dev",
  began: "2026-05-01T10:00:00Z",
  milliseconds: 61_000,
  stages: [
    { name: "apps", result: "none" as const, milliseconds: 200, found: [] },
    { name: "registry", result: "gone" as const, milliseconds: 60_000, found },
  ],
};

it("says of each stage what was there and how long it took", () => {
  expect(teardownMarkdown(record)).toBe(
    [
      "### Teardown: dev is taken away",
      "| Stage | Result | What was there | Time |\n| --- | --- | --- | --- |\n" +
        "| apps | nothing was there |  | 0.2 s |\n" +
        "| registry | gone | image repository (7): `demo/0`, `demo/1`, `demo/2`, `demo/3`, `demo/4`, … | 1 min 0 s |",
      "In 1 min 1 s.",
    ].join("\n\n"),
  );
});

it("says of a stage that failed what holds it, and what to do", () => {
  const remaining = [{ kind: "Service", name: "guests/nginx", why: "held by a finalizer", next: "Look at the log." }];
  const failure = new StageFailure("apps", remaining, "Not done.", { next: "Look at the log. Then run this again." });
  const text = teardownMarkdown(record, failure);
  expect(text).toContain("### Teardown: dev is not taken away");
  expect(text).toContain("| Service | guests/nginx | held by a finalizer | Look at the log. |");
});

it("lists what would go, and what keeps it from beginning", () => {
  const stages = [
    { name: "apps", remaining: [{ kind: "Application", name: "guests" }], doneWhen: "none", minutes: 15 },
    { name: "logs", remaining: [], doneWhen: "none", minutes: 20 },
  ];
  const dry = { environment: "dev", stages, refusals: ["The state is locked."] };
  expect(dryRunMarkdown(dry)).toContain("| apps | Application: `guests` | 15 min |");
  expect(dryRunMarkdown(dry)).toContain("Nothing was changed.");
  expect(dryRunLines(dry)).toEqual(["apps: Application guests", "It would not begin: The state is locked."]);
});
