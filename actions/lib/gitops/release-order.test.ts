import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { overlayPaths } from "./paths.ts";
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

beforeEach(async () => {
  world = await startReleaseWorld();
  server = world.server;
});
afterEach(() => world[Symbol.asyncDispose]());

describe("many writers", () => {
  it("lands 20 updates of 20 concurrent releases, in one line", async () => {
    const apps = Array.from({ length: 20 }, (_, index) => `app${index}`);
    const source = await server.edit(Object.assign({}, ...apps.map(appFiles)));
    const outcomes = await Promise.all(
      apps.map((app) => world.release(requestOf(source, image(`${app}-api`, `v-${app}`)))),
    );
    expect(new Set(outcomes.map((each) => each.result))).toEqual(new Set(["released"]));
    expect(await world.countCommits()).toBe(21);
    expect(await server.git("rev-list", "--merges", "main")).toBe("");
    for (const app of apps) expect(await world.imagesOf(app)).toContain(digestOf(`v-${app}`));
    const subjects = (await server.git("log", "--format=%s", "main")).split("\n");
    expect(new Set(subjects).size).toBe(21);
  }, 150_000);

  it("ends at the newest source, in whatever order its runs arrive", async () => {
    const sources = [await server.edit(appFiles("one"))];
    while (sources.length < 6) sources.push(await server.edit({ "README.md": `${sources.length}` }));
    const outcomes = await Promise.all(
      sources.map((source, index) => world.release(requestOf(source, image("one-api", `v${index}`)))),
    );
    expect(await world.imagesOf("one")).toContain(digestOf("v5"));
    expect(outcomes.at(-1)?.result).toBe("released");
    expect(outcomes.filter((each) => each.result === "released")).toHaveLength((await world.countCommits()) - 6);
  }, 60_000);

  it("keeps a person's edit of a neighbouring file, made between fetch and push, byte for byte", async () => {
    const source = await server.edit(appFiles("one"));
    const neighbour = overlayPaths("one", "dev").overlay;
    const text = "# by hand\r\ncomponents:   [images]  \n\n\tå\u0000 no line end";
    server.before = async (name) => {
      if (!name.includes("service=git-receive-pack")) return;
      server.before = undefined;
      await server.edit({ [neighbour]: text });
    };
    const outcome = await world.release(requestOf(source, image("one-api", "v1")));
    expect(outcome).toMatchObject({ result: "released", attempts: 2 });
    expect(await server.read(neighbour)).toBe(text);
    expect(await world.countCommits()).toBe(3);
  });

  it("counts a push that arrived, although its answer was lost", async () => {
    const source = await server.edit(appFiles("one"));
    server.loseAnswer = (name) => name.startsWith("POST") && name.endsWith("git-receive-pack");
    const outcome = await world.release(requestOf(source, image("one-api", "v1")));
    expect(outcome).toMatchObject({ result: "released", attempts: 2 });
    expect(await world.countCommits()).toBe(2);
  });
});

describe("an older run that comes last", () => {
  it("changes nothing", async () => {
    const older = await server.edit(appFiles("one"));
    const newer = await server.edit({ "README.md": "newer" });
    await world.release(requestOf(newer, image("one-api", "v2")));
    const before = await server.git("rev-parse", "main");
    expect(await world.release(requestOf(older, image("one-api", "v1")))).toMatchObject({
      result: "superseded",
      newer,
    });
    expect(await server.git("rev-parse", "main")).toBe(before);
  });

  it("changes nothing of an app that the newer one left alone either", async () => {
    const older = await server.edit({ ...appFiles("one"), ...appFiles("two") });
    await world.release(requestOf(older, image("one-api", "v1"), image("two-api", "v1")));
    const middle = await server.edit({ "README.md": "middle" });
    const newer = await server.edit({ "README.md": "newer" });
    await world.release(requestOf(newer, image("one-api", "v3"), image("two-api", "v1")));
    const late = await world.release(requestOf(middle, image("one-api", "v1"), image("two-api", "v2")));
    expect(late.result).toBe("superseded");
  });

  it("is told from a newer one far down a long history, whose near part proves nothing", async () => {
    const first = await server.edit(appFiles("one"));
    await world.release(requestOf(first, image("one-api", "v1")));
    const last = await server.edit({ "work.txt": "" }, { times: 130 });
    await server.edit({ "README.md": "after" });
    expect(await world.release(requestOf(last, image("one-api", "v2")))).toMatchObject({ result: "released" });
    expect(await world.release(requestOf(first, image("one-api", "v1")))).toMatchObject({
      result: "superseded",
      newer: last,
    });
  }, 60_000);

  it("is no longer one when a force push took the recorded source away", async () => {
    const start = await server.edit(appFiles("one"));
    await world.release(requestOf(await server.edit({ "README.md": "lost" }), image("one-api", "v1")));
    const released = await world.imagesOf("one");
    await server.git("update-ref", "refs/heads/main", start);
    const kept = await server.edit({ [overlayPaths("one", "dev").images]: `${released}\n` });
    await server.edit({ "README.md": "later" });
    expect(await world.release(requestOf(kept, image("one-api", "v2")))).toMatchObject({ result: "released" });
  });

  it("may be of a branch that does not contain what is released", async () => {
    const start = await server.edit(appFiles("one"));
    const side = await server.edit({ "side.txt": "" }, { branch: "side", parent: start });
    await world.release(requestOf(await server.edit({ "README.md": "newer" }), image("one-api", "v2")));
    expect(await world.release(requestOf(side, image("one-api", "v1")))).toMatchObject({ result: "superseded" });
  });
});
