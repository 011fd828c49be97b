import { access } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { matches } from "../../../terraform/test-evaluate.ts";
import { elsewhere, refusedOnPurpose } from "./elsewhere.ts";
import { everythingNeeded, type Placed, readStatements, refused, unneeded } from "./policy.ts";
import { parseLine, readRecord, type RecordedCall } from "./record.ts";
import { referenceOf } from "./reference.ts";

let statements: Placed[];
let calls: RecordedCall[];
let needed: RecordedCall[];

beforeAll(async () => {
  statements = await readStatements();
  calls = (await readRecord()).map(parseLine);
  needed = await everythingNeeded(calls);
});

it("every call, and all that it needs, is allowed to the role that makes it", () => {
  expect(calls.length).toBeGreaterThan(300);
  expect(refused(statements, needed)).toEqual([]);
});

it("every action of every statement is needed by a call", () => {
  expect(unneeded(statements, needed)).toEqual([]);
});

it("every exception is about a statement, a test or a call that is there", async () => {
  for (const { statement, actions, seen } of elsewhere) {
    if (!seen.startsWith("https://")) await access(join(import.meta.dirname, "../../..", seen));
    const own = statements.filter((each) => `${each.policy}/${each.statement.Sid}` === statement);
    const held = own.flatMap((each) => [each.statement.Action].flat());
    for (const action of actions)
      expect(held, statement).toContainEqual(expect.toSatisfy((each: string) => matches(action, each)));
  }
  for (const { role, call } of refusedOnPurpose)
    expect(calls.filter((each) => each.role === role && call.test(`${each.action} ${each.resource}`))).not.toEqual([]);
});

it("the reference names dependent actions, which newer versions of its package do not", async () => {
  expect((await referenceOf("ec2:CreateVpc"))?.dependent).toEqual(["ec2:CreateTags"]);
});
