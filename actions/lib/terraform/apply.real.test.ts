import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { commitFiles } from "../../testing/repository.ts";
import { applyRoot, planRoot } from "./apply.ts";
import { appliedKey, needsApply } from "./fingerprint.ts";
import { lockKey } from "./state/lock.ts";
import { type ApplyWorld, openApplyWorld, root } from "../../testing/terraform/world.ts";

let world: ApplyWorld;
beforeAll(async () => {
  world = await openApplyWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.reset());

const question = () => ({ ...world.request(), revision: "HEAD" });
const record = () => world.store.read(appliedKey(world.location.key));
const lock = () => world.store.read(lockKey(world.location.key));
const everythingTold = () => [...world.told.lines, ...world.told.summaries].join("\n");

describe("an apply", () => {
  test("brings the root up, says what it did, and starts no process the second time", async () => {
    await commitFiles(world.repository, root(""));
    expect(await needsApply(question())).toBe(true);
    const outcome = await applyRoot(world.request());
    expect(outcome).toMatchObject({ kind: "applied", counts: { add: 2, change: 0, remove: 0 } });
    expect(outcome.record.outputs).toEqual({ count: 2 });
    expect(await world.started()).toEqual(["init", "plan", "show", "apply", "output"]);
    expect(world.told.lines).toContainEqual(expect.stringMatching(/^\+ terraform_data\.image\["api"\]: created in \d/));
    expect(world.told.summaries.join()).toContain("registry applied");
    expect(everythingTold()).not.toContain("hush-hush");
    expect((await record())?.text).not.toContain("hush-hush");
    expect(await lock()).toBeUndefined();

    expect(await needsApply(question())).toBe(false);
    expect(await applyRoot(world.request())).toEqual({ kind: "unread", record: outcome.record });
    await commitFiles(world.repository, { "README.md": "new", "terraform/registry/README.md": "new" });
    expect(await applyRoot(world.request())).toMatchObject({ kind: "unread" });
    expect(await world.started(), "Terraform processes").toEqual([]);
  });

  test("asks Terraform again when a variable, a file or the state has changed", async () => {
    await commitFiles(world.repository, root(""));
    await applyRoot(world.request());
    const onlyApi = { images: ["api"] };
    expect(await needsApply({ ...question(), ...onlyApi })).toBe(true);
    expect(await applyRoot(world.request(onlyApi))).toMatchObject({ counts: { add: 0, change: 0, remove: 1 } });

    await commitFiles(world.repository, root("# A comment."));
    expect(await applyRoot(world.request(onlyApi))).toMatchObject({ kind: "clean", record: { outputs: { count: 1 } } });
    expect(await needsApply({ ...question(), ...onlyApi })).toBe(false);

    const state = await world.store.read(world.location.key);
    await world.store.write(world.location.key, (state?.text ?? "").replace(/"serial": \d+/, '"serial": 99'));
    expect(await needsApply({ ...question(), ...onlyApi }), "a state that somebody else wrote").toBe(true);
  });

  test("that fails says where, keeps what was done, and is not recorded", async () => {
    await commitFiles(world.repository, root(""));
    await applyRoot(world.request({ images: [] }));
    const failing = `
      resource "terraform_data" "bad" {
        depends_on = [terraform_data.image]
        provisioner "local-exec" {
          command = "exit 3"
        }
      }`;
    await commitFiles(world.repository, root(failing));
    await expect(applyRoot(world.request())).rejects.toMatchObject({
      reason: "apply-failed",
      message: expect.stringMatching(/terraform_data\.bad, main\.tf:\d+/),
    });
    expect(await world.stateResources()).toEqual(["bad tainted", "image api", "image web"]);
    expect(await record()).toBeUndefined();
    expect(await lock()).toBeUndefined();
    expect(await needsApply(question())).toBe(true);
  });

  test("that Terraform cannot plan names the file and the line, and touches nothing", async () => {
    await commitFiles(world.repository, root('resource "terraform_data" "image" {}'));
    await expect(applyRoot(world.request())).rejects.toThrow(/Duplicate resource|main\.tf/);
    await commitFiles(world.repository, root('output "wrong" { value = terraform_data.image["none"].id }'));
    await expect(applyRoot(world.request())).rejects.toMatchObject({
      reason: "plan-failed",
      message: expect.stringMatching(/main\.tf:\d+/),
    });
    expect(await world.stateResources()).toEqual([]);
    expect(await lock()).toBeUndefined();
  });

  test("of files that are not committed is refused before anything starts", async () => {
    await commitFiles(world.repository, root(""));
    await writeFile(join(world.repository, "terraform/registry/more.tf"), "");
    await expect(applyRoot(world.request())).rejects.toThrow("?? terraform/registry/more.tf");
    expect(await world.started()).toEqual([]);
  });

  test("without a state bucket tells to run the bootstrap", async () => {
    await commitFiles(world.repository, root(""));
    const config = { ...world.request().config, project: "other" };
    const refused = { reason: "not-bootstrapped", next: expect.stringContaining("./slipway bootstrap") };
    await expect(needsApply({ ...question(), config })).rejects.toMatchObject(refused);
    await expect(applyRoot(world.request({ config }))).rejects.toMatchObject(refused);
    expect(await world.started()).toEqual([]);
  });
});

test("a plan shows what would be done and writes nothing", async () => {
  await commitFiles(world.repository, root(""));
  const { changes, markdown } = await planRoot(world.request());
  expect(changes).toBe(true);
  expect(markdown).toContain('terraform_data.image["web"] will be created');
  expect(markdown).not.toContain("hush-hush");
  expect(await world.stateResources()).toEqual([]);
  expect([await record(), await lock()]).toEqual([undefined, undefined]);
  await applyRoot(world.request());
  await world.started();
  expect((await planRoot(world.request())).markdown).toContain("Nothing that Terraform reads has changed");
  expect(await world.started()).toEqual([]);
});
