import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Group {
  group: string;
  "cancel-in-progress"?: boolean;
  queue?: string;
}
interface DeliveryWorkflow {
  on: Record<string, unknown>;
  concurrency?: Group;
  jobs: Record<string, { name: string; needs?: string | string[]; if?: string; concurrency?: Group }>;
}

const root = join(import.meta.dirname, "../..");
const folder = join(root, ".github/workflows");
const files = (await readdir(folder)).sort();
const workflows = new Map<string, DeliveryWorkflow>();
for (const file of files) workflows.set(file, parse(await readFile(join(folder, file), "utf8")) as DeliveryWorkflow);

/** Every concurrency group, of workflows and of jobs, by where it is. */
const groups = [...workflows].flatMap(([file, { concurrency, jobs }]) => [
  ...(concurrency ? [[file, concurrency] as const] : []),
  ...Object.entries(jobs).flatMap(([id, job]) =>
    job.concurrency ? [[`${file} ${id}`, job.concurrency] as const] : [],
  ),
]);

test.each(groups)("%s: what waits is not cancelled by what comes later", (where, group) => {
  // Only a newer push to a pull request takes the place of the one before.
  if (where.startsWith("ci.yml")) expect(group).toMatchObject({ "cancel-in-progress": true });
  else expect(group).toMatchObject({ "cancel-in-progress": false, queue: "max" });
});

test("deliveries, teardowns and leases of an environment wait for each other", () => {
  const names = groups.flatMap(([where, { group }]) => (group.startsWith("environment-") ? [where] : []));
  expect(names).toEqual(["deliver.yml infra", "destroy.yml teardown", "lease.yml teardown"]);
});

test("the check to require reports in pull requests and in merge queues, and waits for all others", () => {
  const ci = workflows.get("ci.yml");
  expect(Object.keys(ci?.on ?? {}).sort()).toEqual(["merge_group", "pull_request"]);
  const { checked, ...others } = ci?.jobs ?? {};
  expect(checked).toMatchObject({ name: "Checked", needs: Object.keys(others), if: "always()" });
});

test("no page and no command tells anybody to require a check that never runs in a pull request", async () => {
  const pages = [
    "README.md",
    "README.es.md",
    ".github/PROTECTION.md",
    "scripts/README.md",
    "terraform/README.md",
    "scripts/doctor/branch.ts",
  ];
  for (const page of pages) {
    const text = await readFile(join(root, page), "utf8");
    expect(text, page).not.toMatch(/requires? (the )?checks? \W*Delivered/i);
  }
});
