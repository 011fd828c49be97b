import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { git } from "../lib/git/git.ts";
import { overlayPaths } from "../lib/gitops/paths.ts";
import { startTestRemote, type TestRemote } from "../testing/gitops/remote.ts";
import type { ImageKey } from "../lib/images/registry.ts";
import { describeRelease, type ReleaseRegistry, release, releaseSummary } from "./release.ts";
import { temporaryRepository } from "../testing/repository.ts";

const token = "ghs_0123456789abcdefghij";
let server: TestRemote;
/** The keys that the registry was asked for, by each request. */
let asked: ImageKey[][];

beforeEach(async () => {
  asked = [];
  server = await startTestRemote(token);
  vi.stubEnv("GITHUB_SERVER_URL", server.server);
  vi.stubEnv("GITHUB_REPOSITORY", "demo/platform");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server[Symbol.asyncDispose]();
});

/** A registry where every build has succeeded: the same files are the same image. */
const registry: ReleaseRegistry = {
  find(images) {
    asked.push([...images]);
    const found = images.map((each) => ({ ...each, digest: digestOf(each.key), size: 1, pushedAt: new Date(0) }));
    return Promise.resolve(new Map(found.map((each) => [each.name, each])));
  },
  repositoryUri: (name) => `123456789012.dkr.ecr.us-east-1.amazonaws.com/demo/${name}`,
};
const digestOf = (key: string) => `sha256:${createHash("sha256").update(key).digest("hex")}`;

/** The files of an image of the app `guests`, with its content. */
const component = (name: string, content: string) => ({
  [`apps/guests/${name}/Dockerfile`]: `FROM scratch\nCOPY apps/guests/${name} /\n`,
  [`apps/guests/${name}/Dockerfile.dockerignore`]: `*\n!apps/guests/${name}\n`,
  [`apps/guests/${name}/content`]: content,
});
const without = (name: string) => Object.fromEntries(Object.keys(component(name, "")).map((path) => [path, null]));
const overlay = { [overlayPaths("guests", "dev").overlay]: "components: [images]\n" };
const released = () => server.read(overlayPaths("guests", "dev").images);

/** The run of a commit, in a checkout of depth 1. */
async function run(commit: string, mode: "push" | "pull-request" = "push") {
  await using checkout = await temporaryRepository();
  await git(checkout.path, ["fetch", "-q", "--depth=1", `file://${server.folder}`, commit]);
  await git(checkout.path, ["checkout", "-q", "--detach", "FETCH_HEAD"]);
  asked = [];
  const log = () => {};
  return await release({ directory: checkout.path, environment: "dev", branch: "main", mode, token, registry, log });
}

describe("a slow run, after a newer commit went back to what is released", () => {
  it("changes nothing", async () => {
    await run(await server.edit({ ...component("api", "old"), ...overlay }));
    const before = await released();
    const slow = await server.edit(component("api", "new"));
    const undone = await server.edit(component("api", "old"));
    expect((await run(undone)).result).toBe("unchanged");
    const late = await run(slow);
    expect(late).toMatchObject({ result: "superseded", newer: undone, commit: undone });
    expect(late.images.map((each) => each.state)).toEqual(["superseded"]);
    expect(await released()).toBe(before);
    expect(await server.git("rev-parse", "main")).toBe(undone);
    expect(describeRelease(late, "dev")).toContain(undone.slice(0, 7));
    expect(releaseSummary(late, "dev")).toContain("as the newest commit wants it");
    expect((await run(slow, "pull-request")).result).toBe("superseded");
  });

  it("releases its other images", async () => {
    await run(await server.edit({ ...component("api", "old"), ...component("ui", "old"), ...overlay }));
    const slow = await server.edit({ ...component("api", "new"), ...component("ui", "new") });
    await server.edit(component("api", "old"));
    const late = await run(slow);
    expect(late.result).toBe("released");
    expect(late.images.map((each) => [each.name, each.state])).toEqual([
      ["guests-api", "superseded"],
      ["guests-ui", "changed"],
    ]);
    expect(asked[1]?.map((each) => each.name)).toEqual(["guests-api"]);
    expect(await released()).toContain(late.images[0]?.before);
    expect(await released()).toContain(late.images[1]?.after);
  });

  it("neither brings back an image nor takes one away", async () => {
    await run(await server.edit({ ...component("api", "old"), ...component("ui", "old"), ...overlay }));
    const slow = await server.edit({ ...component("cache", "new"), ...without("ui") });
    const undone = await server.edit({ ...component("ui", "old"), ...without("cache") });
    expect((await run(undone)).result).toBe("unchanged");
    expect((await run(slow)).result).toBe("superseded");
    expect(await server.git("rev-parse", "main")).toBe(undone);
  });

  it("changes nothing either when the server does not answer, wherever that happens", async () => {
    await run(await server.edit({ ...component("api", "old"), ...overlay }));
    const slow = await server.edit(component("api", "new"));
    await server.edit(component("api", "old"));
    server.requests.length = 0;
    await run(slow);
    const usual = server.requests.length;
    expect(usual).toBeGreaterThan(4);
    for (let index = 1; index <= usual; index += 1) {
      server.requests.length = 0;
      server.before = async () => {
        // git itself repeats a request once when the connection that it kept open is closed.
        if ([index, index + 1].includes(server.requests.length)) await Promise.reject(new Error("unanswered"));
      };
      const late = await run(slow);
      expect(late.result).toBe("superseded");
      // An outage is waited through where it happens: what was not answered was asked again.
      expect(server.requests.length).toBeGreaterThan(usual);
    }
  }, 60_000);
});

describe("a run whose commit is no longer the newest", () => {
  it("releases what newer commits left alone, and asks the registry no more than that of the newest", async () => {
    await run(await server.edit({ ...component("api", "old"), ...overlay }));
    const source = await server.edit(component("api", "new"));
    await server.edit({ "README.md": "unrelated" });
    await server.edit({ [overlayPaths("guests", "dev").overlay]: "components: [images] # more\n" });
    const late = await run(source);
    expect(late.result).toBe("released");
    expect(await released()).toContain(late.images[0]?.after);
    expect(asked).toHaveLength(1);
  });

  it("releases an image that the newest commit changes to something else again", async () => {
    await run(await server.edit({ ...component("api", "old"), ...overlay }));
    const source = await server.edit(component("api", "new"));
    await server.edit(component("api", "newer"));
    const late = await run(source);
    expect(late.result).toBe("released");
    expect(await released()).toContain(late.images[0]?.after);
  });

  it("releases although the newest commit breaks a rule of images", async () => {
    await run(await server.edit({ ...component("api", "old"), ...overlay }));
    const source = await server.edit(component("api", "new"));
    await server.edit({ "apps/guests/api/Dockerfile.dockerignore": null });
    expect((await run(source)).result).toBe("released");
  });
});
