import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git } from "../git.ts";
import { temporaryRepository } from "../test-repository.ts";
import type { ReleaseRequest, WantedImage } from "./changes.ts";
import { overlayPaths } from "./paths.ts";
import { type ReleaseOutcome, releaseToGit } from "./release.ts";
import { type Remote, remoteFromEnvironment } from "./remote.ts";
import { startTestRemote, type TestRemote } from "./test-remote.ts";

const token = "a-token-of-github";
let server: TestRemote;
let remote: Remote;

beforeEach(async () => {
  server = await startTestRemote(token);
  remote = await remoteFromEnvironment(
    { branch: "main", token, directory: server.folder },
    { ...process.env, GITHUB_SERVER_URL: server.server, GITHUB_REPOSITORY: "shop/platform" },
  );
});
afterEach(() => server[Symbol.asyncDispose]());

const digest = (text: string) => `sha256:${Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64)}`;
const image = (name: string, version: string): WantedImage => ({
  name,
  app: name.split("-")[0] ?? "",
  key: `${version}0123456789`,
  repository: `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/${name}`,
  digest: digest(version),
});
const overlay = (app: string) => ({ [overlayPaths(app, "dev").overlay]: "components: [images]\n" });
const request = (source: string, ...images: WantedImage[]): ReleaseRequest => ({ environment: "dev", source, images });
const release = (wanted: ReleaseRequest, mode: "push" | "pull-request" = "push") =>
  releaseToGit({ remote, request: wanted, mode });
const imagesOf = (app: string, revision?: string) => server.read(overlayPaths(app, "dev").images, revision);
const countCommits = async () => Number(await server.git("rev-list", "--count", "main"));

describe("one release", () => {
  it("is one commit of the bot for all apps that have an overlay", async () => {
    const source = await server.edit({ ...overlay("one"), ...overlay("two"), "README.md": "hello" });
    const run = "https://github.com/shop/platform/actions/runs/7";
    const outcome = await releaseToGit({
      remote,
      request: { ...request(source, image("one-api", "v1"), image("two-ui", "v2"), image("three-db", "v3")), run },
    });
    expect(outcome).toMatchObject({ result: "released", attempts: 1, commit: await server.git("rev-parse", "main") });
    expect(outcome.images.map((each) => each.state)).toEqual(["changed", "changed", "skipped"]);
    expect(await server.git("diff", "--name-only", source, "main")).toBe(
      `${overlayPaths("one", "dev").images}\n${overlayPaths("two", "dev").images}`,
    );
    expect(await server.git("log", "-1", "--format=%an <%ae> %cn%n%s%n%(trailers)", "main")).toBe(
      "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com> github-actions[bot]\n" +
        "Release to dev: one-api v101234, two-ui v201234\n" +
        `Source-Commit: ${source}\nRun: ${run}`,
    );
    expect(await imagesOf("one")).toBe(
      [
        "# Written by releases; what people write goes beside it. To keep an app as it is: ./slipway hold --help",
        "apiVersion: kustomize.config.k8s.io/v1alpha1",
        "kind: Component",
        "metadata:",
        "  annotations:",
        `    slipway.dev/source: "${source}"`,
        "images:",
        "  - name: one-api",
        "    newName: 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/one-api",
        `    digest: ${digest("v1")}`,
      ].join("\n"),
    );
  });

  it("makes no commit when every digest is there, also for a newer source", async () => {
    const source = await server.edit(overlay("one"));
    await release(request(source, image("one-api", "v1")));
    const next = await server.edit({ "README.md": "more" });
    expect(await release(request(next, image("one-api", "v1")))).toMatchObject({ result: "unchanged", commit: next });
    expect(await server.git("rev-parse", "main")).toBe(next);
  });

  it("takes an image away that the source no longer has", async () => {
    const source = await server.edit(overlay("one"));
    await release(request(source, image("one-api", "v1"), image("one-ui", "v1")));
    const next = await server.edit({ "README.md": "more" });
    const outcome = await release(request(next, image("one-api", "v1")));
    expect(outcome.images.map((each) => [each.name, each.state])).toEqual([
      ["one-api", "unchanged"],
      ["one-ui", "removed"],
    ]);
    expect(await imagesOf("one")).not.toContain("one-ui");
  });

  it("commits nothing when an image is not in the registry, and names all that are missing", async () => {
    const source = await server.edit({ ...overlay("one"), ...overlay("two") });
    const missing = { digest: undefined };
    const wanted = request(
      source,
      image("one-api", "v1"),
      { ...image("one-ui", "v1"), ...missing },
      { ...image("two-ui", "v2"), ...missing },
      { ...image("three-db", "v3"), ...missing },
    );
    await expect(release(wanted)).rejects.toMatchObject({
      message: expect.stringMatching(/2 images are not in the registry:\n.*one-ui:v10123456789\n.*two-ui:v20123456789/),
      reason: "images-missing",
    });
    expect(await server.git("rev-parse", "main")).toBe(source);
  });

  it("reads a few files and folders of a large repository, not the rest", async () => {
    const large = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`src/${index}`, `${index}`.repeat(999)]),
    );
    const source = await server.edit({ ...large, ...overlay("one") });
    await release(request(source, image("one-api", "v1")));
    server.requests.length = 0;
    await release(request(await server.edit({ "src/1": "new" }), image("one-api", "v2")));
    // Each fetch is the announcement, the branch, the objects: the commit, then the one file that is read.
    expect(server.requests.filter((each) => each.endsWith("git-upload-pack")).length).toBeLessThanOrEqual(6);
    expect(server.requests.filter((each) => each.endsWith("POST /shop/platform.git/git-receive-pack"))).toHaveLength(1);
  });
});

describe("the files of a checkout", () => {
  it("are not fetched again, and what it lacks is", async () => {
    const source = await server.edit({ ...overlay("one"), ...overlay("two") });
    await release(request(source, image("one-api", "v1"), image("two-api", "v1")));
    await using checkout = await temporaryRepository();
    await git(checkout.path, ["fetch", "-q", server.folder, "main"]);
    const fetches = async (version: string) => {
      server.requests.length = 0;
      const wanted = request(source, image("one-api", version), image("two-api", "v1"));
      expect((await releaseToGit({ remote, request: wanted, checkout: checkout.path })).result).toBe("released");
      return server.requests.filter((each) => each.includes("service=git-upload-pack")).length;
    };
    expect(await fetches("v2")).toBe(1);
    expect(await fetches("v3")).toBe(2);
    expect(await imagesOf("one")).toContain(digest("v3"));
  });
});

describe("many writers", () => {
  it("lands 20 updates of 20 concurrent releases, in one line", async () => {
    const apps = Array.from({ length: 20 }, (_, index) => `app${index}`);
    const source = await server.edit(Object.assign({}, ...apps.map(overlay)));
    const outcomes = await Promise.all(apps.map((app) => release(request(source, image(`${app}-api`, `v-${app}`)))));
    expect(new Set(outcomes.map((each) => each.result))).toEqual(new Set(["released"]));
    expect(await countCommits()).toBe(21);
    expect(await server.git("rev-list", "--merges", "main")).toBe("");
    for (const app of apps) expect(await imagesOf(app)).toContain(digest(`v-${app}`));
    const subjects = (await server.git("log", "--format=%s", "main")).split("\n");
    expect(new Set(subjects).size).toBe(21);
  }, 150_000);

  it("ends at the newest source, in whatever order its runs arrive", async () => {
    const sources = [await server.edit(overlay("one"))];
    while (sources.length < 6) sources.push(await server.edit({ "README.md": `${sources.length}` }));
    const outcomes = await Promise.all(
      sources.map((source, index) => release(request(source, image("one-api", `v${index}`)))),
    );
    expect(await imagesOf("one")).toContain(digest("v5"));
    expect(outcomes.at(-1)?.result).toBe("released");
    expect(outcomes.filter((each) => each.result === "released")).toHaveLength((await countCommits()) - 6);
  }, 60_000);

  it("keeps a person's edit of a neighbouring file, made between fetch and push, byte for byte", async () => {
    const source = await server.edit(overlay("one"));
    const neighbour = overlayPaths("one", "dev").overlay;
    const text = "# by hand\r\ncomponents:   [images]  \n\n\tå\u0000 no line end";
    server.before = async (name) => {
      if (!name.includes("service=git-receive-pack")) return;
      server.before = undefined;
      await server.edit({ [neighbour]: text });
    };
    const outcome = await release(request(source, image("one-api", "v1")));
    expect(outcome).toMatchObject({ result: "released", attempts: 2 });
    expect(await server.read(neighbour)).toBe(text);
    expect(await countCommits()).toBe(3);
  });

  it("counts a push that arrived, although its answer was lost", async () => {
    const source = await server.edit(overlay("one"));
    server.loseAnswer = (name) => name.startsWith("POST") && name.endsWith("git-receive-pack");
    const outcome = await release(request(source, image("one-api", "v1")));
    expect(outcome).toMatchObject({ result: "released", attempts: 2 });
    expect(await countCommits()).toBe(2);
  });
});

describe("an older run that comes last", () => {
  it("changes nothing", async () => {
    const older = await server.edit(overlay("one"));
    const newer = await server.edit({ "README.md": "newer" });
    await release(request(newer, image("one-api", "v2")));
    const before = await server.git("rev-parse", "main");
    expect(await release(request(older, image("one-api", "v1")))).toMatchObject({ result: "superseded", newer });
    expect(await server.git("rev-parse", "main")).toBe(before);
  });

  it("changes nothing of an app that the newer one left alone either", async () => {
    const older = await server.edit({ ...overlay("one"), ...overlay("two") });
    await release(request(older, image("one-api", "v1"), image("two-api", "v1")));
    const middle = await server.edit({ "README.md": "middle" });
    const newer = await server.edit({ "README.md": "newer" });
    await release(request(newer, image("one-api", "v3"), image("two-api", "v1")));
    const late = await release(request(middle, image("one-api", "v1"), image("two-api", "v2")));
    expect(late.result).toBe("superseded");
  });

  it("is told from a newer one far down a long history, whose near part proves nothing", async () => {
    const first = await server.edit(overlay("one"));
    await release(request(first, image("one-api", "v1")));
    const last = await server.edit({ "work.txt": "" }, { times: 130 });
    await server.edit({ "README.md": "after" });
    expect(await release(request(last, image("one-api", "v2")))).toMatchObject({ result: "released" });
    expect(await release(request(first, image("one-api", "v1")))).toMatchObject({ result: "superseded", newer: last });
  }, 60_000);

  it("is no longer one when a force push took the recorded source away", async () => {
    const start = await server.edit(overlay("one"));
    await release(request(await server.edit({ "README.md": "lost" }), image("one-api", "v1")));
    const released = await imagesOf("one");
    await server.git("update-ref", "refs/heads/main", start);
    const kept = await server.edit({ [overlayPaths("one", "dev").images]: `${released}\n` });
    await server.edit({ "README.md": "later" });
    expect(await release(request(kept, image("one-api", "v2")))).toMatchObject({ result: "released" });
  });

  it("may be of a branch that does not contain what is released", async () => {
    const start = await server.edit(overlay("one"));
    const side = await server.edit({ "side.txt": "" }, { branch: "side", parent: start });
    await release(request(await server.edit({ "README.md": "newer" }), image("one-api", "v2")));
    expect(await release(request(side, image("one-api", "v1")))).toMatchObject({ result: "superseded" });
  });
});

describe("a hold", () => {
  it("keeps an app as it is, says why, and lets the others go on", async () => {
    const source = await server.edit({ ...overlay("one"), ...overlay("two") });
    await release(request(source, image("one-api", "v1"), image("two-api", "v1")));
    const held = await server.edit({ [overlayPaths("one", "dev").hold]: "reason: v1 is proven\nsince: 2026-03-31\n" });
    const outcome = await release(
      request(held, { ...image("one-api", "v2"), digest: undefined }, image("two-api", "v2")),
    );
    expect(outcome.result).toBe("released");
    expect(outcome.images[0]).toMatchObject({ state: "held", reason: "v1 is proven", before: digest("v1") });
    expect(await imagesOf("one")).toContain(digest("v1"));
    expect(await imagesOf("two")).toContain(digest("v2"));
    expect(await release(request(held, image("one-api", "v2"), image("two-api", "v2")))).toMatchObject({
      result: "held",
    });
  });

  it("of one image lets the app's others go on", async () => {
    const source = await server.edit({
      ...overlay("one"),
      [overlayPaths("one", "dev").hold]: "reason: why\nimages: [one-ui]\n",
    });
    await release(request(source, image("one-api", "v2"), image("one-ui", "v2")));
    expect(await imagesOf("one")).not.toContain("one-ui");
  });

  it.each([
    ["without a reason", "since: 2026-03-31\n", /hold\.yaml.*reason/],
    ["with another key", "reason: why\nuntil: later\n", /hold\.yaml:2: until: is not a key/],
    ["of no image of the app", "reason: why\nimages: [one-uy]\n", /one-uy is not an image of this app/],
    ["that is not YAML", "reason: [\n", /hold\.yaml/],
    ["since a day that is none", "reason: why\nsince: spring\n", /since.*use a date/],
  ])("%s stops the release", async (_name, text, complaint) => {
    const source = await server.edit({ ...overlay("one"), [overlayPaths("one", "dev").hold]: text });
    await expect(release(request(source, image("one-api", "v1")))).rejects.toThrow(complaint);
    expect(await server.git("rev-parse", "main")).toBe(source);
  });
});

describe("a machine-owned file", () => {
  it.each([
    ["of other content", "images: {}\n", /images\/kustomization\.yaml:1: images/],
    [
      "with a source that is no commit",
      component('metadata: { annotations: { slipway.dev/source: "main" } }'),
      /whole id/,
    ],
    ["with a tag for a digest", component("images: [{ name: one-api, newName: x, digest: latest }]"), /must be sha256/],
  ])("%s stops the release", async (_name, text, complaint) => {
    const source = await server.edit({ ...overlay("one"), [overlayPaths("one", "dev").images]: text });
    await expect(release(request(source, image("one-api", "v1")))).rejects.toThrow(complaint);
  });

  it("that a person began empty, or wrote otherwise, is understood", async () => {
    const path = overlayPaths("one", "dev").images;
    const source = await server.edit({ ...overlay("one"), [path]: component("images: []") });
    expect(await release(request(source, image("one-api", "v1")))).toMatchObject({ result: "released" });
    const { newName } = { newName: image("one-api", "v1").repository };
    const other = component(`images: [{ newName: ${newName}, digest: "${digest("v1")}", name: one-api }]`);
    const edited = await server.edit({ [path]: other });
    expect(await release(request(edited, image("one-api", "v1")))).toMatchObject({ result: "unchanged" });
  });

  function component(rest: string): string {
    return `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${rest}\n`;
  }
});

describe("through a pull request", () => {
  const branch = "slipway/release-dev";

  it("replaces its own branch and leaves main alone", async () => {
    const source = await server.edit(overlay("one"));
    const first = await release(request(source, image("one-api", "v1")), "pull-request");
    expect(first).toMatchObject({ result: "proposed", branch, commit: await server.git("rev-parse", branch) });
    const again = await release(request(source, image("one-api", "v1")), "pull-request");
    expect(again.commit).toBe(first.commit);
    const next = await server.edit({ "README.md": "more" });
    const second = await release(request(next, image("one-api", "v2")), "pull-request");
    expect(await server.git("rev-parse", `${branch}^`)).toBe(next);
    expect(await imagesOf("one", branch)).toContain(digest("v2"));
    expect(second.commit).toBe(await server.git("rev-parse", branch));
    expect(await server.git("rev-parse", "main")).toBe(next);
  });

  it("never replaces what a newer run has proposed", async () => {
    const older = await server.edit(overlay("one"));
    const newer = await server.edit({ "README.md": "newer" });
    await release(request(newer, image("one-api", "v2")), "pull-request");
    const late = await release(request(older, image("one-api", "v1")), "pull-request");
    expect(late).toMatchObject({ result: "superseded", newer });
    expect(await imagesOf("one", branch)).toContain(digest("v2"));
  });

  it("survives another run that proposes at the same time", async () => {
    const source = await server.edit({ ...overlay("one"), ...overlay("two") });
    const outcomes: ReleaseOutcome[] = await Promise.all(
      ["v1", "v2", "v3"].map((version) => release(request(source, image("one-api", version)), "pull-request")),
    );
    expect(outcomes.map((each) => each.result)).toEqual(["proposed", "proposed", "proposed"]);
    expect(await server.git("rev-list", "--count", branch)).toBe("2");
  });
});

describe("what stands in the way is said", () => {
  it("a wrong token", async () => {
    await server.edit(overlay("one"));
    const env = { ...process.env, GITHUB_SERVER_URL: server.server, GITHUB_REPOSITORY: "shop/platform" };
    remote = await remoteFromEnvironment({ branch: "main", token: "wrong", directory: server.folder }, env);
    await expect(release(request("0".repeat(40), image("one-api", "v1")))).rejects.toMatchObject({
      message: expect.stringContaining("GitHub refused the token"),
      next: expect.stringContaining("contents: write"),
    });
  });

  it("a protected branch", async () => {
    const source = await server.edit(overlay("one"));
    await server.git("config", "receive.denyUpdates", "true");
    await server.git("config", "core.hooksPath", `${server.folder}/hooks`);
    const { chmod, mkdir, writeFile } = await import("node:fs/promises");
    await mkdir(`${server.folder}/hooks`, { recursive: true });
    await writeFile(`${server.folder}/hooks/pre-receive`, "#!/bin/sh\necho GH006: Protected branch >&2\nexit 1\n");
    await chmod(`${server.folder}/hooks/pre-receive`, 0o755);
    await expect(release(request(source, image("one-api", "v1")))).rejects.toMatchObject({
      message: expect.stringMatching(/does not take the release.*hook declined/),
      next: expect.stringContaining("git.release: pull-request"),
    });
  });

  it("a branch that is not there", async () => {
    await expect(release(request("0".repeat(40), image("one-api", "v1")))).rejects.toThrow(/no refs\/heads\/main/);
  });

  it("a source that was never pushed", async () => {
    await server.edit(overlay("one"));
    await release(request(await server.edit({ "README.md": "" }), image("one-api", "v1")));
    await expect(release(request("1".repeat(40), image("one-api", "v2")))).rejects.toThrow(/no commit 1111/);
  });
});
