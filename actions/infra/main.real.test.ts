import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startGitHub } from "../../scripts/rehearsal/github/github.ts";
import { type ApplyWorld, image, openApplyWorld, root } from "../testing/terraform/world.ts";
import { commitFiles } from "../testing/repository.ts";

let world: ApplyWorld;
beforeAll(async () => {
  world = await openApplyWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.reset());

/** Runs the action to its end. */
async function act(env: NodeJS.ProcessEnv) {
  const action = await world.startAction({ INPUT_ROOT: "registry", ...env });
  return action.ended();
}

test("an apply, then nothing to do, as a workflow sees them", async () => {
  await commitFiles(world.repository, { ...root(""), ...image });
  const first = await act({});
  expect(first.code, first.log).toBe(0);
  expect(first.outputs).toMatch(/changed<<.*\ntrue\n/);
  expect(first.outputs).toMatch(/added<<.*\n1\n/);
  expect(await world.started()).toEqual(["version", "init", "plan", "show", "apply", "output"]);
  const second = await act({});
  expect(second.outputs).toMatch(/changed<<.*\nfalse\n/);
  expect(await world.started(), "Terraform processes").toEqual([]);
});

test("a plan on a pull request is one comment that is updated in place, and the whole plan in the job summary", async () => {
  await commitFiles(world.repository, { ...root(""), ...image });
  await using github = await startGitHub({ repository: "owner/demo", token: "token" });
  github.state.pulls.push({ number: 7, title: "t", body: null, head: "h", base: "main", state: "open" });
  const event = join(world.folder, "event.json");
  const summary = join(world.folder, "summary");
  await writeFile(event, JSON.stringify({ pull_request: { number: 7 } }));
  const pullRequest = {
    INPUT_COMMAND: "plan",
    INPUT_TOKEN: "token",
    GITHUB_API_URL: github.endpoint,
    GITHUB_EVENT_PATH: event,
    GITHUB_REPOSITORY: "owner/demo",
    GITHUB_STEP_SUMMARY: summary,
  };
  await writeFile(summary, "");
  const first = await act(pullRequest);
  expect(first.code, first.log).toBe(0);
  expect(first.outputs).toMatch(/changed<<.*\ntrue\n/);
  await commitFiles(world.repository, root('output "more" { value = "new in the second plan" }'));
  const second = await act(pullRequest);
  expect(second.log).not.toContain("::warning::");
  expect(github.state.comments).toHaveLength(1);
  expect(github.state.comments[0]?.body).toContain("new in the second plan");
  expect(await readFile(summary, "utf8")).toContain('terraform_data.image["stall-api"] will be created');
  expect(github.violations).toEqual([]);

  const refused = await act({ ...pullRequest, INPUT_TOKEN: "wrong" });
  expect(refused.code, "a comment is not worth a red plan").toBe(0);
  expect(refused.log).toContain("::warning::The plan is only in the job summary.");
});

test("a lock is broken after GitHub says that its run has ended", async () => {
  await commitFiles(world.repository, { ...root(""), ...image });
  await using github = await startGitHub({ repository: "owner/demo", token: "token" });
  const id = "11111111-2222-4333-8444-555555555555";
  const lock = { ID: id, Operation: "OperationTypeApply", Who: "runner@host", Version: "1.11.4", Path: "p" };
  const Info = "https://github.com/owner/demo/actions/runs/41/attempts/1";
  const held = JSON.stringify({ ...lock, Info, Created: "2026-01-02T03:04:05Z" });
  await world.store.write(`${world.location.key}.tflock`, held);
  const forced = {
    "INPUT_FORCE-UNLOCK": id,
    INPUT_TOKEN: "token",
    GITHUB_API_URL: github.endpoint,
    GITHUB_REPOSITORY: "owner/demo",
  };
  github.state.runs.set(41, { status: "in_progress", conclusion: null });
  const alive = await act(forced);
  expect(alive.code).toBe(1);
  expect(alive.outputs).toMatch(/failure-reason<<.*\nstate-locked\n/);
  expect((await world.store.read(`${world.location.key}.tflock`))?.text).toBe(held);
  github.state.runs.set(41, { status: "completed", conclusion: "cancelled" });
  const ended = await act(forced);
  expect(ended.code, ended.log).toBe(0);
  expect(ended.log).toContain("Broke the lock of runner@host");
});

test.each([
  [{ INPUT_ROOT: "bootstrap" }, 'Input "root" is "bootstrap". Allowed: registry, environment.'],
  [{ INPUT_COMMAND: "destroy" }, 'Input "command" is "destroy". Allowed: apply, plan.'],
  [{ "INPUT_TIMEOUT-MINUTES": "0" }, 'Input "timeout-minutes" is "0". Allowed: a whole number from 1 to 350.'],
  [{ INPUT_ENVIRONMENT: "none" }, 'Environment "none" is not in slipway.yaml. Allowed: dev.'],
])("a wrong input is one clear line: %o", async (input, line) => {
  await commitFiles(world.repository, { ...root(""), ...image });
  const { code, log } = await act(input);
  expect(code).toBe(1);
  expect(log).toContain(`::error::${line}`);
  expect(await world.started()).toEqual([]);
});
