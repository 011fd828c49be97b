import { beforeAll, expect, it } from "vitest";
import { everythingNeeded, type Placed, readStatements, refused, unneeded } from "./policy.ts";
import { parseLine, readRecord, type RecordedCall } from "./record.ts";

let statements: Placed[];
let calls: RecordedCall[];
let needed: RecordedCall[];

beforeAll(async () => {
  statements = await readStatements();
  calls = (await readRecord()).map(parseLine);
  needed = await everythingNeeded(calls);
  console.info(`${calls.length} calls, ${needed.length - calls.length} more that they need`);
});

it("every call, and all that it needs, is allowed to the role that makes it", () => {
  expect(refused(statements, needed)).toEqual([]);
});

it("every action of every statement is needed by a call", () => {
  expect(unneeded(statements, needed)).toEqual([]);
});
