import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { commitFiles } from "../../../testing/repository.ts";
import { applyRoot, planRoot } from "../apply.ts";
import { appliedKey, needsApply } from "../fingerprint.ts";
import { type ApplyWorld, openApplyWorld, root } from "../../../testing/terraform/world.ts";

let world: ApplyWorld;
beforeAll(async () => {
  world = await openApplyWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  vi.unstubAllEnvs();
  await world.reset();
});

const needs = () => needsApply({ ...world.request(), revision: "HEAD" });
const nothingDone = async () => {
  expect(await world.started(), "Terraform processes").toEqual([]);
  expect(await world.store.read(appliedKey(world.location.key))).toBeUndefined();
  expect(await needs()).toBe(true);
};

test.each([
  [
    "a file of another folder",
    'output "p" { value = file("../../policies/p.json") }',
    /main\.tf:\d+: file\("\.\.\/\.\.\/policies/,
  ],
  ["its names", 'output "p" { value = fileset("../../policies", "*") }', /main\.tf:\d+: fileset/],
  ["a shared module", 'module "p" {\nsource = "../shared"\n}', /main\.tf:\d+: the source "\.\.\/shared"/],
])("%s is refused before Terraform starts, with file and line", async (_, text, message) => {
  const elsewhere = { "policies/p.json": "{}", "terraform/shared/main.tf": "" };
  await commitFiles(world.repository, { ...root(text), ...elsewhere });
  const refused = { reason: "unseen-input", message: expect.stringMatching(message) as string };
  await expect(applyRoot(world.request())).rejects.toMatchObject(refused);
  await expect(planRoot(world.request())).rejects.toMatchObject(refused);
  await nothingDone();
});

test("a linked file is refused by its name", async () => {
  await commitFiles(world.repository, { ...root(""), "policies/more.tf": 'output "more" { value = 1 }' });
  await symlink("../../policies/more.tf", join(world.repository, "terraform/registry/more.tf"));
  await commitFiles(world.repository, {});
  await expect(applyRoot(world.request())).rejects.toThrow("terraform/registry/more.tf: it is a link.");
  await nothingDone();
});

test.each(["TF_VAR_size", "TF_CLI_ARGS_plan", "TF_WORKSPACE"])("%s in the environment is refused", async (name) => {
  await commitFiles(world.repository, root(""));
  vi.stubEnv(name, "-target=none");
  await expect(applyRoot(world.request())).rejects.toMatchObject({
    reason: "unseen-input",
    message: expect.stringContaining(name) as string,
  });
  await nothingDone();
});

test("files that git ignores are not read, and what only a provider would read is not there", async () => {
  const variable = 'variable "size" {\ndefault = "committed"\n}\noutput "size" { value = var.size }';
  await commitFiles(world.repository, { ...root(variable), ".gitignore": "*.tfvars\n*_override.tf\n" });
  const folder = join(world.repository, "terraform/registry");
  await mkdir(join(world.repository, "policies"));
  await writeFile(join(folder, "terraform.tfvars"), 'size = "ignored"');
  await writeFile(join(folder, "a.auto.tfvars"), 'size = "ignored"');
  await writeFile(join(folder, "main_override.tf"), 'output "size" { value = "ignored" }');
  expect(await applyRoot(world.request())).toMatchObject({
    kind: "applied",
    record: { outputs: { size: "committed" } },
  });

  // A commit of the tests takes what git ignores, too.
  for (const name of ["terraform.tfvars", "a.auto.tfvars", "main_override.tf"]) await rm(join(folder, name));
  const provisioner =
    'resource "terraform_data" "p" {\nprovisioner "local-exec" {\ncommand = "cat ../../slipway.yaml"\n}\n}';
  await commitFiles(world.repository, root(provisioner));
  await expect(applyRoot(world.request())).rejects.toMatchObject({ reason: "apply-failed" });
  expect(await needs()).toBe(true);
});

test("a file next to the configuration, below tests/ too, is read, and its change is applied", async () => {
  const text = 'output "p" { value = file("${path.module}/tests/p.txt") }';
  await commitFiles(world.repository, { ...root(text), "terraform/registry/tests/p.txt": "one" });
  expect(await applyRoot(world.request())).toMatchObject({ record: { outputs: { p: "one" } } });
  expect(await needs()).toBe(false);
  await commitFiles(world.repository, { "terraform/registry/tests/p.txt": "two" });
  expect(await needs()).toBe(true);
  expect(await applyRoot(world.request())).toMatchObject({ kind: "applied", record: { outputs: { p: "two" } } });
});
