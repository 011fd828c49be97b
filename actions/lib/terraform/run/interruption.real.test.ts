import { EventEmitter } from "node:events";
import { stat } from "node:fs/promises";
import { createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { AwsCredentialProvider } from "../../aws/credentials.ts";
import { run } from "../../core/process.ts";
import { commitFiles } from "../../../testing/repository.ts";
import { applyRoot } from "../apply.ts";
import { appliedKey, needsApply } from "../fingerprint.ts";
import { breakLock, lockKey } from "../state/lock.ts";
import { type ApplyWorld, image, openApplyWorld, present, root } from "../../../testing/terraform/world.ts";

let world: ApplyWorld;
beforeAll(async () => {
  world = await openApplyWorld();
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.reset());

const record = () => world.store.read(appliedKey(world.location.key));
const lock = () => world.store.read(lockKey(world.location.key));

describe("an apply that is stopped", () => {
  const terminated: NodeJS.Signals[] = ["SIGTERM"];
  const cancelled: NodeJS.Signals[] = ["SIGINT", "SIGTERM"];
  test.each([
    ["a termination", terminated],
    ["what GitHub sends to a cancelled job", cancelled],
  ])("by %s has its state written and its lock released", async (_, signals) => {
    await commitFiles(world.repository, { ...root(world.slow(60)), ...image });
    const action = await world.startAction({ INPUT_ROOT: "registry" });
    await world.until("the slow resource starts", async () => action.child.exitCode !== null || world.slowStarted());
    expect(await lock(), "the lock during the apply").toBeDefined();
    const asked = Date.now();
    for (const signal of signals) action.child.kill(signal);
    const { code, outputs, log } = await action.ended();
    expect(Date.now() - asked, "ms; the runner kills 10 s after its first signal").toBeLessThan(9000);
    expect(code).toBe(1);
    // At a second interrupt Terraform would drop what is under way.
    expect(log.match(/\| Interrupt received/g)).toHaveLength(1);
    expect(log).not.toContain("Two interrupts");
    expect(log).toContain(`${signals[0] ?? ""} received.`);
    expect(outputs).toMatch(/failure-reason.*\ncancelled\n/);
    expect(await world.stateResources()).toEqual(["image stall-api", "slow tainted"]);
    expect(await lock(), "the lock afterwards").toBeUndefined();
    expect(await record()).toBeUndefined();
  });

  test("by its own deadline ends in the same way, and the next run goes on", async () => {
    await commitFiles(world.repository, root(world.slow(60)));
    await expect(applyRoot(world.request({ minutes: 10 / 60 }))).rejects.toMatchObject({ reason: "deadline" });
    expect(world.told.summaries.join()).toContain("was stopped");
    expect(await world.stateResources()).toEqual(["image api", "image web", "slow tainted"]);
    expect(await lock()).toBeUndefined();
    await commitFiles(world.repository, root(world.slow(0)));
    expect(await applyRoot(world.request())).toMatchObject({ counts: { add: 1, change: 0, remove: 1 } });
  });
});

describe("a lock", () => {
  const variables = ["project=demo", "account=0", "region=r", 'images=["api"]'].flatMap((each) => ["-var", each]);

  test("that a person's Terraform holds is reported with its owner and left alone", async () => {
    await commitFiles(world.repository, root(world.slow(60)));
    const cwd = join(world.repository, "terraform/registry");
    const backend = Object.entries(world.location).map(([name, value]) => `-backend-config=${name}=${value}`);
    await run(world.terraform, ["init", ...backend], { cwd });
    const stop = new AbortController();
    const person = run(world.terraform, ["apply", "-auto-approve", ...variables], {
      cwd,
      signal: stop.signal,
      stopSignal: "SIGINT",
      okCodes: [0, 1],
      ownGroup: true,
    });
    try {
      await world.until("a person's apply is under way", world.slowStarted);
      const held = (await lock())?.text;
      const { ID, Who } = JSON.parse(held ?? "{}") as { ID: string; Who: string };
      await world.started();
      await expect(applyRoot(world.request())).rejects.toMatchObject({
        reason: "state-locked",
        message: expect.stringMatching(new RegExp(`${Who} since .* for "apply", lock id ${ID}`)),
        next: expect.stringContaining(`force-unlock: ${ID}`),
      });
      const forceUnlock = { id: ID, runHasEnded: async () => true };
      await expect(applyRoot(world.request({ forceUnlock }))).rejects.toMatchObject({
        reason: "state-locked",
        message: expect.stringContaining("not taken by a run of this repository"),
      });
      expect(await world.started(), "Terraform processes").toEqual([]);
      expect((await lock())?.text).toBe(held);
    } finally {
      stop.abort();
      await person;
    }
  });

  test("of our own names the run, and stops a person's Terraform", async () => {
    const ourRun = { GITHUB_REPOSITORY: "owner/demo", GITHUB_RUN_ID: "77", GITHUB_RUN_ATTEMPT: "2" };
    Object.assign(process.env, ourRun);
    try {
      await commitFiles(world.repository, root(world.slow(60)));
      const cwd = join(world.repository, "terraform/registry");
      const signals = new EventEmitter();
      const ours = applyRoot(world.request({ signals })).catch((error: unknown) => error);
      await world.until("our apply is under way", world.slowStarted);
      const backend = Object.entries(world.location).map(([name, value]) => `-backend-config=${name}=${value}`);
      await run(world.terraform, ["init", ...backend], { cwd });
      const refused = await run(world.terraform, ["plan", "-no-color", ...variables], { cwd, okCodes: [1] });
      expect(refused.stderr).toContain("https://github.com/owner/demo/actions/runs/77/attempts/2");
      signals.emit("SIGINT");
      expect(await ours).toMatchObject({ reason: "cancelled" });
    } finally {
      for (const name of Object.keys(ourRun)) Reflect.deleteProperty(process.env, name);
    }
  });

  describe("asked to be broken", () => {
    const here = { GITHUB_REPOSITORY: "owner/demo", GITHUB_RUN_ID: "90", GITHUB_RUN_ATTEMPT: "2" };
    const heldBy = (run: string, repository = "owner/demo") =>
      world.store.write(
        lockKey(world.location.key),
        JSON.stringify({
          ID: "11111111-2222-4333-8444-555555555555",
          Operation: "OperationTypeApply",
          Info: `https://github.com/${repository}/actions/runs/${run}`,
          Who: "runner@fv-az1",
          Version: "1.11.4",
          Created: "2026-01-02T03:04:05Z",
          Path: "bucket/key",
        }),
      );
    const asked: number[] = [];
    const ask = (id: string, ended: boolean) =>
      breakLock(
        world.store,
        world.location,
        id,
        async (number) => {
          asked.push(number);
          return ended;
        },
        here,
      );
    const id = "11111111-2222-4333-8444-555555555555";
    beforeEach(() => {
      asked.length = 0;
    });

    test("goes when its run has ended", async () => {
      await heldBy("77/attempts/1");
      expect(await ask(id, true)).toMatchObject({ ID: id, Who: "runner@fv-az1" });
      expect(asked).toEqual([77]);
      expect(await lock()).toBeUndefined();
      expect(await ask(id, true), "none is held any more").toBeUndefined();
    });

    test("goes when it is of an earlier attempt of this very run", async () => {
      await heldBy("90/attempts/1");
      expect(await ask(id, false)).toMatchObject({ ID: id });
    });

    test.each([
      ["its run has not ended", "77/attempts/1", "owner/demo", id, "the run that holds it has not ended"],
      ["this attempt holds it", "90/attempts/2", "owner/demo", id, "the run that holds it has not ended"],
      ["another id was given", "77/attempts/1", "owner/demo", "other", "its id is not other"],
      ["another repository holds it", "77/attempts/1", "owner/else", id, "not taken by a run of this repository"],
    ])("stays when %s", async (_, run, repository, given, why) => {
      await heldBy(run, repository);
      await expect(ask(given, false)).rejects.toMatchObject({
        reason: "state-locked",
        message: expect.stringContaining(why),
      });
      expect(await lock()).toBeDefined();
    });

    test("stays when it is nothing that Terraform writes", async () => {
      await world.store.write(lockKey(world.location.key), "text");
      await expect(ask(id, true)).rejects.toThrow("is not a lock that Terraform writes; it was left alone");
      expect((await lock())?.text).toBe("text");
    });
  });
});

describe("a state that Terraform could not upload", () => {
  /** Stands between AWS clients and S3, and refuses to write the state to those who sign with an expired key. */
  async function expiring(expired: (accessKey: string) => boolean) {
    const server = createServer((incoming, outgoing) => {
      const key = /Credential=([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
      if (incoming.method === "PUT" && incoming.url?.includes(`${world.location.key}?`) && expired(key)) {
        incoming.resume();
        outgoing.writeHead(400, { "content-type": "application/xml" });
        outgoing.end("<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>");
        return;
      }
      const { method, headers } = incoming;
      const passed = forward(`${world.endpoint}${incoming.url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(passed);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return {
      async [Symbol.asyncDispose]() {
        process.env.AWS_ENDPOINT_URL = world.endpoint;
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }
  /** Each child gets credentials of its own: key1, key2, ... */
  function numbered(): AwsCredentialProvider {
    let number = 0;
    return async (options) => {
      if (options?.forceRefresh) number += 1;
      return { accessKeyId: `key${number}`, secretAccessKey: "test" };
    };
  }
  const errored = () => join(world.repository, "terraform/registry/errored.tfstate");

  test("is uploaded with new credentials, and nothing is applied twice", async () => {
    await commitFiles(world.repository, root(""));
    // key1 is init's, key2 the plan's, key3 that of its reading, key4 the apply's.
    await using _ = await expiring((key) => key === "key4");
    const outcome = await applyRoot(world.request({ credentials: numbered() }));
    expect(outcome).toMatchObject({ kind: "applied", counts: { add: 2, change: 0, remove: 0 } });
    expect(await world.started()).toEqual(["init", "plan", "show", "apply", "state", "plan", "show", "output"]);
    expect(await present(errored()), "errored.tfstate").toBe(false);
    expect(await world.stateResources()).toEqual(["image api", "image web"]);
    expect(await lock()).toBeUndefined();
    expect(await needsApply({ ...world.request(), revision: "HEAD" })).toBe(false);
  });

  test("and that cannot be uploaded at all stays where it is, under a lock", async () => {
    await commitFiles(world.repository, root(""));
    await using _ = await expiring(() => true);
    await expect(applyRoot(world.request())).rejects.toMatchObject({
      reason: "state-push-failed",
      message: expect.stringContaining(errored()),
    });
    expect((await stat(errored())).mode & 0o777).toBe(0o600);
    expect(await record()).toBeUndefined();
    await expect(applyRoot(world.request())).rejects.toMatchObject({ reason: "state-locked" });
  });
});
