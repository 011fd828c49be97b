import { describe, expect, test } from "vitest";
import { SlipwayError } from "../../core/errors.ts";
import { eventLog } from "../run/events.ts";
import { judgeApply, judgePlan, parsePlan, pendingChanges, type PlanFile } from "./judge.ts";

const program = "/opt/shims/terraform";
const plan = (more: Partial<PlanFile> = {}): PlanFile => ({
  applyable: false,
  errored: false,
  resource_changes: [],
  output_changes: {},
  ...more,
});
const resource = (actions: string[], more = {}) => ({
  address: "aws_vpc.a",
  change: { actions },
  ...more,
});
const created = plan({ applyable: true, resource_changes: [resource(["create"])] });

const summary = (operation: string) => ({
  type: "change_summary",
  changes: { add: 0, change: 0, import: 0, remove: 0, operation },
});
const planned = { type: "planned_change", change: { resource: { addr: "aws_vpc.a" }, action: "create" } };
const failed = { type: "diagnostic", diagnostic: { severity: "error", summary: "no" } };

/** What is judged when Terraform printed these events. */
function ended(code: number, ...events: object[]) {
  const log = eventLog("plan", () => {});
  for (const each of events) log.line(JSON.stringify(each));
  return { code, events: log, program };
}

describe("what a plan would do", () => {
  test.each([
    ["a new resource", { resource_changes: [resource(["create"])] }, "aws_vpc.a: create"],
    ["a replaced one", { resource_changes: [resource(["delete", "create"])] }, "aws_vpc.a: delete, create"],
    ["one that is only forgotten", { resource_changes: [resource(["forget"])] }, "aws_vpc.a: forget"],
    [
      "a move alone",
      { resource_changes: [resource(["no-op"], { previous_address: "aws_vpc.b" })] },
      "aws_vpc.a: move from aws_vpc.b",
    ],
    [
      "an import alone",
      { resource_changes: [{ address: "aws_vpc.a", change: { actions: ["no-op"], importing: { id: "vpc-1" } } }] },
      "aws_vpc.a: import",
    ],
    ["an output alone", { output_changes: { id: { actions: ["update"] } } }, "output.id: update"],
  ])("%s counts", (_, more, expected) => {
    expect(pendingChanges(plan(more))).toEqual([expected]);
    expect(judgePlan(ended(2, summary("plan")), plan({ applyable: true, ...more }))).toBe(true);
    expect(() => judgePlan(ended(0, summary("plan")), plan({ applyable: true, ...more }))).toThrow(expected);
  });

  test("nothing is nothing", () => {
    const same = plan({ resource_changes: [resource(["no-op"])], output_changes: { id: { actions: ["no-op"] } } });
    expect(pendingChanges(same)).toEqual([]);
    expect(judgePlan(ended(0, summary("plan")), same)).toBe(false);
  });
});

test.each([
  [
    "a wrapper that turns 2 into 0",
    ended(0, planned, summary("plan")),
    created,
    "exit code 0, but the plan that it wrote has changes (aws_vpc.a: create)",
  ],
  [
    "one that turns 0 into 2",
    ended(2, summary("plan")),
    plan(),
    "exit code 2, but the plan that it wrote has no changes",
  ],
  ["one that loses the output", ended(0), plan(), "did not print the events of a plan"],
  ["one that prints another plan", ended(0, planned, summary("plan")), plan(), "printed 1 changes, but"],
  [
    "a shim that runs another version",
    ended(0, { type: "version", terraform: "1.5.7" }, summary("plan")),
    plan(),
    "ran Terraform 1.5.7",
  ],
])("%s is named, with what does not agree", (_, told, written, expected) => {
  const judge = () => judgePlan(told, written);
  expect(judge).toThrow(expected);
  expect(judge).toThrow(program);
  expect(judge).toThrow(
    expect.objectContaining({ reason: "terraform-wrapped", next: expect.stringContaining("PATH") as string }),
  );
});

describe("an apply", () => {
  const own = new SlipwayError("terraform apply failed", { reason: "apply-failed" });
  const judge = (told: ReturnType<typeof ended>) => judgeApply(told, () => own);

  test("has come to its end with its summary and exit code 0, and with nothing less", () => {
    expect(judge(ended(0, summary("apply")))).toBeUndefined();
    expect(judge(ended(1, failed))).toBe(own);
    expect(judge(ended(1))).toBe(own);
  });

  test.each([
    ["loses everything", ended(0), "printed no summary of a complete apply"],
    ["swallows the exit code of a failure", ended(0, failed), "printed no summary of a complete apply and 1 errors"],
    ["swallows it after the end", ended(0, failed, summary("apply")), "and 1 errors"],
    ["turns 0 into 1", ended(1, summary("apply")), "exit code 1, but printed that the apply is complete"],
  ])("by a wrapper that %s is not believed", (_, told, expected) => {
    expect(judge(told)).toMatchObject({
      reason: "terraform-wrapped",
      message: expect.stringContaining(expected) as string,
    });
  });
});

test("a plan is found between lines of a wrapper, and anything else is an error that repeats nothing of it", () => {
  const json = JSON.stringify(created);
  for (const text of [
    json,
    `[command]terraform-bin show\n${json}\n::debug::exit code 0`,
    `{banner}\r\n`.slice(8) + json,
  ])
    expect(parsePlan(text, program)).toMatchObject({ applyable: true });
  for (const text of ["", "banner", "{hush}", '{"secret":"hush"}', `{ banner }\n${json}`, json.slice(0, 40)]) {
    expect(() => parsePlan(text, program)).toThrow(`"${program} show -json" did not print the JSON`);
    expect(() => parsePlan(text, program)).not.toThrow("hush");
  }
});
