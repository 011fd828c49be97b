import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { commitFiles } from "../../../testing/repository.ts";
import { applyRoot, planRoot } from "../apply.ts";
import { destroyRoot } from "../destroy.ts";
import { appliedKey, needsApply } from "../fingerprint.ts";
import { type ApplyWorld, openApplyWorld, root } from "../../../testing/terraform/world.ts";

let world: ApplyWorld;
beforeAll(async () => {
  world = await openApplyWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.reset());

/** A shim before the real Terraform. @param body sees the real one as `$real` */
async function wrapped(body: string): Promise<() => Promise<string>> {
  const path = join(world.folder, "shim");
  await writeFile(path, `#!/bin/sh\nreal='${world.terraform}'\n${body}\n`);
  await chmod(path, 0o755);
  return () => Promise.resolve(path);
}
const record = () => world.store.read(appliedKey(world.location.key));
const needs = () => needsApply({ ...world.request(), revision: "HEAD" });

test.each([
  ["turns every exit code into 0", '"$real" "$@"; exit 0'],
  ["turns exit code 2 into 0", '"$real" "$@"; code=$?; [ $code = 2 ] && exit 0; exit $code'],
  ["prints nothing and says 0", 'case $1 in plan) "$real" "$@" >/dev/null; exit 0;; *) exec "$real" "$@";; esac'],
])("a wrapper that %s makes no change of nothing, and nothing is recorded", async (_, body) => {
  await commitFiles(world.repository, root(""));
  await applyRoot(world.request());
  const before = await world.stateResources();
  await commitFiles(world.repository, root('output "more" { value = 1 }\nresource "terraform_data" "more" {}'));
  const terraform = await wrapped(body);
  const refused = { reason: "terraform-wrapped", message: expect.stringContaining(await terraform()) as string };
  await expect(applyRoot(world.request({ terraform }))).rejects.toMatchObject(refused);
  await expect(planRoot(world.request({ terraform }))).rejects.toMatchObject(refused);
  await expect(destroyRoot(world.request({ terraform }))).rejects.toMatchObject(refused);
  expect(await world.stateResources()).toEqual(before);
  expect(await needs()).toBe(true);
});

test("a change of an output alone is applied", async () => {
  await commitFiles(world.repository, root(""));
  await applyRoot(world.request());
  await commitFiles(world.repository, root('output "more" { value = "new" }'));
  expect(await applyRoot(world.request())).toMatchObject({ kind: "applied", record: { outputs: { more: "new" } } });
});

test("an apply whose failure a wrapper swallows is not recorded", async () => {
  await commitFiles(
    world.repository,
    root(
      'resource "terraform_data" "bad" { provisioner "local-exec" { command = "exit 3" } }'
        .replaceAll("{ p", "{\np")
        .replaceAll("{ c", "{\nc")
        .replaceAll(" }", "\n}"),
    ),
  );
  const terraform = await wrapped('case $1 in apply) "$real" "$@"; exit 0;; *) exec "$real" "$@";; esac');
  await expect(applyRoot(world.request({ terraform }))).rejects.toMatchObject({
    reason: "terraform-wrapped",
    message: expect.stringMatching(/apply" ended with exit code 0, but printed no summary .* and 1 errors/) as string,
  });
  expect(await record()).toBeUndefined();
  expect(await needs()).toBe(true);
});

test("banners before and after every output do no harm", async () => {
  await commitFiles(world.repository, root(""));
  const terraform = await wrapped(
    'echo "[command]$real $*"; "$real" "$@"; code=$?; echo "::debug::exit code $code"; exit $code',
  );
  const outcome = await applyRoot(world.request({ terraform }));
  expect(outcome).toMatchObject({ kind: "applied", counts: { add: 2 }, record: { outputs: { count: 2 } } });
});
