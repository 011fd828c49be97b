import { globSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTerraform, type TerraformWorld } from "./test-world.ts";

const folders = globSync("**/versions.tf", { cwd: import.meta.dirname })
  .map(dirname)
  .sort();

let world: TerraformWorld;
beforeAll(async () => {
  // Nothing listens there: a test with a mocked provider that asks AWS after all fails.
  world = await openTerraform("http://127.0.0.1:1");
});
afterAll(() => world[Symbol.asyncDispose]());

test("every folder with Terraform has tests of its own", () => {
  const tested = globSync("**/*.tftest.hcl", { cwd: import.meta.dirname });
  expect(folders).toContain("environment");
  expect([...new Set(tested.map((file) => dirname(dirname(file))))].sort()).toEqual(folders);
});

test.each(folders)("%s is valid and does what its tests say", async (folder) => {
  await world.terraform(folder, ["init", "-backend=false", "-no-color"]);
  await world.terraform(folder, ["validate", "-no-color"]);
  const { stdout } = await world.terraform(folder, ["test", "-no-color"], { okCodes: [0, 1] });
  expect(stdout, relative(process.cwd(), join(import.meta.dirname, folder))).toMatch(/^Success! [1-9]/m);
});
