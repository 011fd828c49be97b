import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git } from "../git/git.ts";
import { temporaryRepository } from "../../testing/repository.ts";
import { overlayPaths } from "./paths.ts";
import type { ReleaseOutcome } from "./release.ts";
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

describe("one release", () => {
  it("is one commit of the bot for all apps that have an overlay", async () => {
    const source = await server.edit({ ...appFiles("one"), ...appFiles("two"), "README.md": "hello" });
    const run = "https://github.com/demo/platform/actions/runs/7";
    const wanted = requestOf(source, image("one-api", "v1"), image("two-ui", "v2"), image("three-db", "v3"));
    const outcome = await world.release({ ...wanted, run });
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
    expect(await world.imagesOf("one")).toBe(
      [
        "# Written by releases; what people write goes next to it. To keep an app as it is: ./slipway hold --help",
        "apiVersion: kustomize.config.k8s.io/v1alpha1",
        "kind: Component",
        "metadata:",
        "  annotations:",
        `    slipway.dev/source: "${source}"`,
        "images:",
        "  - name: one-api",
        "    newName: 123456789012.dkr.ecr.us-east-1.amazonaws.com/demo/one-api",
        `    digest: ${digestOf("v1")}`,
      ].join("\n"),
    );
  });

  it("makes no commit when every digest is there, also for a newer source", async () => {
    const source = await server.edit(appFiles("one"));
    await world.release(requestOf(source, image("one-api", "v1")));
    const next = await server.edit({ "README.md": "more" });
    expect(await world.release(requestOf(next, image("one-api", "v1")))).toMatchObject({
      result: "unchanged",
      commit: next,
    });
    expect(await server.git("rev-parse", "main")).toBe(next);
  });

  it("takes an image away that the source no longer has", async () => {
    const source = await server.edit(appFiles("one"));
    await world.release(requestOf(source, image("one-api", "v1"), image("one-ui", "v1")));
    const next = await server.edit({ "README.md": "more" });
    const outcome = await world.release(requestOf(next, image("one-api", "v1")));
    expect(outcome.images.map((each) => [each.name, each.state])).toEqual([
      ["one-api", "unchanged"],
      ["one-ui", "removed"],
    ]);
    expect(await world.imagesOf("one")).not.toContain("one-ui");
  });

  it("commits nothing when an image is not in the registry, and names all that are missing", async () => {
    const source = await server.edit({ ...appFiles("one"), ...appFiles("two") });
    const missing = { digest: undefined };
    const wanted = requestOf(
      source,
      image("one-api", "v1"),
      { ...image("one-ui", "v1"), ...missing },
      { ...image("two-ui", "v2"), ...missing },
      { ...image("three-db", "v3"), ...missing },
    );
    await expect(world.release(wanted)).rejects.toMatchObject({
      message: expect.stringMatching(/2 images are not in the registry:\n.*one-ui:v10123456789\n.*two-ui:v20123456789/),
      reason: "images-missing",
    });
    expect(await server.git("rev-parse", "main")).toBe(source);
  });

  it("reads a few files and folders of a large repository, not the rest", async () => {
    const large = Object.fromEntries(
      Array.from({ length: 50 }, (_, index) => [`src/${index}`, `${index}`.repeat(999)]),
    );
    const source = await server.edit({ ...large, ...appFiles("one") });
    await world.release(requestOf(source, image("one-api", "v1")));
    server.requests.length = 0;
    await world.release(requestOf(await server.edit({ "src/1": "new" }), image("one-api", "v2")));
    // Each fetch is the announcement, the branch, the objects: the commit, then the one file that is read.
    expect(server.requests.filter((each) => each.endsWith("git-upload-pack")).length).toBeLessThanOrEqual(6);
    expect(server.requests.filter((each) => each.endsWith("POST /demo/platform.git/git-receive-pack"))).toHaveLength(1);
  });
});

describe("the files of a checkout", () => {
  it("are not fetched again, and what it lacks is", async () => {
    const source = await server.edit({ ...appFiles("one"), ...appFiles("two") });
    await world.release(requestOf(source, image("one-api", "v1"), image("two-api", "v1")));
    await using checkout = await temporaryRepository();
    await git(checkout.path, ["fetch", "-q", server.folder, "main"]);
    const fetches = async (version: string) => {
      server.requests.length = 0;
      const wanted = requestOf(source, image("one-api", version), image("two-api", "v1"));
      expect((await world.release(wanted, { checkout: checkout.path })).result).toBe("released");
      return server.requests.filter((each) => each.includes("service=git-upload-pack")).length;
    };
    expect(await fetches("v2")).toBe(1);
    expect(await fetches("v3")).toBe(2);
    expect(await world.imagesOf("one")).toContain(digestOf("v3"));
  });
});

describe("through a pull request", () => {
  const branch = "slipway/release-dev";

  it("replaces its own branch and leaves main alone", async () => {
    const source = await server.edit(appFiles("one"));
    const first = await world.release(requestOf(source, image("one-api", "v1")), { mode: "pull-request" });
    expect(first).toMatchObject({ result: "proposed", branch, commit: await server.git("rev-parse", branch) });
    const again = await world.release(requestOf(source, image("one-api", "v1")), { mode: "pull-request" });
    expect(again.commit).toBe(first.commit);
    const next = await server.edit({ "README.md": "more" });
    const second = await world.release(requestOf(next, image("one-api", "v2")), { mode: "pull-request" });
    expect(await server.git("rev-parse", `${branch}^`)).toBe(next);
    expect(await world.imagesOf("one", branch)).toContain(digestOf("v2"));
    expect(second.commit).toBe(await server.git("rev-parse", branch));
    expect(await server.git("rev-parse", "main")).toBe(next);
  });

  it("never replaces what a newer run has proposed", async () => {
    const older = await server.edit(appFiles("one"));
    const newer = await server.edit({ "README.md": "newer" });
    await world.release(requestOf(newer, image("one-api", "v2")), { mode: "pull-request" });
    const late = await world.release(requestOf(older, image("one-api", "v1")), { mode: "pull-request" });
    expect(late).toMatchObject({ result: "superseded", newer });
    expect(await world.imagesOf("one", branch)).toContain(digestOf("v2"));
  });

  it("survives another run that proposes at the same time", async () => {
    const source = await server.edit({ ...appFiles("one"), ...appFiles("two") });
    const outcomes: ReleaseOutcome[] = await Promise.all(
      ["v1", "v2", "v3"].map((version) =>
        world.release(requestOf(source, image("one-api", version)), { mode: "pull-request" }),
      ),
    );
    expect(outcomes.map((each) => each.result)).toEqual(["proposed", "proposed", "proposed"]);
    expect(await server.git("rev-list", "--count", branch)).toBe("2");
  });
});

describe("what stands in the way is said", () => {
  it("a wrong token", async () => {
    await server.edit(appFiles("one"));
    const remote = await world.remoteWith("wrong");
    await expect(world.release(requestOf("0".repeat(40), image("one-api", "v1")), { remote })).rejects.toMatchObject({
      message: expect.stringContaining("GitHub refused the token"),
      next: expect.stringContaining("contents: write"),
    });
  });

  it("a protected branch", async () => {
    const source = await server.edit(appFiles("one"));
    await server.hook("pre-receive", "echo GH006: Protected branch >&2; exit 1");
    await expect(world.release(requestOf(source, image("one-api", "v1")))).rejects.toMatchObject({
      message: expect.stringMatching(/does not take the release.*hook declined/),
      next: expect.stringContaining("git.release: pull-request"),
    });
  });

  it("a branch that is not there", async () => {
    await expect(world.release(requestOf("0".repeat(40), image("one-api", "v1")))).rejects.toThrow(
      /no refs\/heads\/main/,
    );
  });

  it("a source that was never pushed", async () => {
    await server.edit(appFiles("one"));
    await world.release(requestOf(await server.edit({ "README.md": "" }), image("one-api", "v1")));
    await expect(world.release(requestOf("1".repeat(40), image("one-api", "v2")))).rejects.toThrow(/no commit 1111/);
  });
});
