import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { rehearse } from "../rehearsal.ts";

const source = join(import.meta.dirname, "../../..");
const domain = "dev.example.test";

it("gives the apps of an environment names with TLS, and takes both away", { timeout: 40 * 60_000 }, async () => {
  const record = await rehearse({ source, until: "gone", keep: false, domain });
  expect(record.checks.filter(({ ok }) => !ok)).toEqual([]);
  const names = record.checks.map(({ name }) => name);
  const found = (pattern: RegExp) => names.flatMap((name) => pattern.exec(name)?.[1] ?? []).sort();
  const apps = (await readdir(join(source, "gitops/apps"))).sort();
  expect(found(/^https:\/\/(\S+)\.dev\.example\.test answers with a chain that validates$/)).toEqual(apps);
  expect(found(/^http:\/\/(\S+)\.dev\.example\.test leads there$/)).toEqual(apps);
  expect(names).toContain("AWS, asked directly, lists nothing that was not there before the first push");
});
