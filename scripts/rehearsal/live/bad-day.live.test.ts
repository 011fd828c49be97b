import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { differences } from "../aws/fidelity/day.ts";
import { rehearse } from "../rehearsal.ts";

const source = join(import.meta.dirname, "../../..");

it("delivers on a bad day in a new account, and takes all of it away", { timeout: 60 * 60_000 }, async () => {
  const record = await rehearse({ source, until: "gone", keep: false, day: "bad" });
  // Who met what, for whoever wants to know more than that it went well.
  await mkdir(record.logs, { recursive: true });
  await writeFile(join(record.logs, "bad-day.json"), JSON.stringify(record.met, undefined, 2));
  expect(record.checks.filter(({ ok }) => !ok)).toEqual([]);
  const names = record.checks.map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining([
      "The push that the quota stops ends red and says so",
      "The push started one run, and it succeeded",
      "Its receipt shows nothing that bills and nothing unknown",
      "AWS, asked directly, lists nothing that was not there before the first push",
    ]),
  );
  const missed = differences.filter((each) => record.met[each] === undefined);
  expect(missed).toEqual([]);
});
