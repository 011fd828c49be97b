import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RetryClock } from "../git/outages.ts";
import {
  appFiles,
  digestOf,
  image,
  type ReleaseWorld,
  requestOf,
  startReleaseWorld,
} from "../../testing/gitops/release.ts";
import type { TestRemote } from "../../testing/gitops/remote.ts";

let world: ReleaseWorld;
let server: TestRemote;
let source: string;
/** Time passes only while somebody waits. */
let time: number;
let onSleep: (() => Promise<void>) | undefined;
let lines: string[];
const clock: RetryClock = {
  now: () => time,
  async sleep(milliseconds) {
    time += milliseconds;
    await onSleep?.();
  },
};

beforeEach(async () => {
  world = await startReleaseWorld();
  server = world.server;
  source = await server.edit(appFiles("one"));
  time = 0;
  onSleep = undefined;
  lines = [];
});
afterEach(() => world[Symbol.asyncDispose]());

const release = (version = "v1") =>
  world.release(requestOf(source, image("one-api", version)), { clock, onRetry: (line) => lines.push(line) });

describe("an outage", () => {
  it("of 100 s is waited through, with growing pauses", async () => {
    server.refuse = () => (time < 100_000 ? "reset" : undefined);
    const outcome = await release();
    expect(outcome.result).toBe("released");
    expect(outcome.attempts).toBeLessThan(25);
    expect(time).toBeLessThan(111_000);
    expect(await world.imagesOf("one")).toContain(digestOf("v1"));
  });

  it("that lasts ends the release at its deadline, and the cause is named", async () => {
    server.refuse = () => ({ status: 503 });
    await expect(release()).rejects.toMatchObject({
      message: expect.stringMatching(/^Nothing was released in 2 min 0 s: \d+ attempts could not reach http.*503/),
      reason: "unreachable",
    });
    expect(time).toBe(120_000);
  });

  it.each([
    ["a proxy's 502", { status: 502 }],
    ["a rate limit", { status: 429, headers: { "retry-after": "3" } }],
    ["an error of the server", { status: 500 }],
    ["a broken connection", "reset" as const],
  ])("of the push alone, by %s, is waited through", async (_, refusal) => {
    server.refuse = (request) =>
      time < 5_000 && request.endsWith("POST /demo/platform.git/git-receive-pack") ? refusal : undefined;
    expect((await release()).result).toBe("released");
    expect(lines[0]).toMatch(
      /^Attempt 1: the repository could not be reached \(1 so far\): .+ Trying again in [\d.]+ s\.$/,
    );
  });

  it("is counted apart from races, and each is named", async () => {
    let races = 0;
    server.before = async (request) => {
      if (!request.startsWith("POST") || !request.endsWith("git-receive-pack") || races++ > 0) return;
      await server.edit({ "README.md": "faster" });
    };
    onSleep = () => {
      server.refuse = () => ({ status: 502 });
      return Promise.resolve();
    };
    await expect(release()).rejects.toThrow(
      /: \d+ attempts could not reach .*502\), 1 attempt lost against other pushes to main\.$/,
    );
    expect(lines[0]).toContain("another push was faster (1 so far)");
    expect(lines[1]).toContain("could not be reached (1 so far)");
  });
});

describe("a refusal for now", () => {
  it("by a ref that is locked is tried again until the lock is gone", async () => {
    const lock = join(server.folder, "refs", "heads", "main.lock");
    await writeFile(lock, "");
    let waits = 0;
    onSleep = async () => {
      waits += 1;
      if (waits === 2) await rm(lock);
    };
    expect(await release()).toMatchObject({ result: "released", attempts: 3 });
  });

  it("by a hook whose own service fails is tried again", async () => {
    await server.hook("pre-receive", "echo GitLab: Internal API unreachable >&2; exit 1");
    onSleep = () => server.hook("pre-receive", "exit 0");
    expect(await release()).toMatchObject({ result: "released", attempts: 2 });
  });
});

describe("a final refusal", () => {
  it.each([
    ["GH006: Protected branch update failed for refs/heads/main.", /does not take the release.*GH006/],
    ["GH013: Repository rule violations found for refs/heads/main.", /does not take the release.*GH013/],
    ["GH001: Large files detected. File a.bin is 120 MB", /too large.*GH001/],
    ["GH013: Push cannot contain secrets, push protection", /secret/],
    ["commits must name a ticket", /does not take the release.*pre-receive hook declined.*must name a ticket/],
  ])("by a hook that says %s is reported immediately", async (said, message) => {
    await server.hook("pre-receive", `echo 'error: ${said}' >&2; exit 1`);
    await expect(release()).rejects.toMatchObject({
      message: expect.stringMatching(message),
      reason: "push-refused",
      next: expect.any(String),
    });
    expect(lines).toEqual([]);
  });

  it("by a proxy's 403 is reported immediately", async () => {
    server.refuse = () => ({ status: 403 });
    await expect(release()).rejects.toMatchObject({ message: expect.stringContaining("403"), reason: "push-refused" });
    expect(lines).toEqual([]);
  });
});
