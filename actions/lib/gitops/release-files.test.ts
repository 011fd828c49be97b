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

describe("a hold", () => {
  it("keeps an app as it is, says why, and lets the others go on", async () => {
    const source = await server.edit({ ...appFiles("one"), ...appFiles("two") });
    await world.release(requestOf(source, image("one-api", "v1"), image("two-api", "v1")));
    const held = await server.edit({ [overlayPaths("one", "dev").hold]: "reason: v1 is proven\nsince: 2026-03-31\n" });
    const outcome = await world.release(
      requestOf(held, { ...image("one-api", "v2"), digest: undefined }, image("two-api", "v2")),
    );
    expect(outcome.result).toBe("released");
    expect(outcome.images[0]).toMatchObject({ state: "held", reason: "v1 is proven", before: digestOf("v1") });
    expect(await world.imagesOf("one")).toContain(digestOf("v1"));
    expect(await world.imagesOf("two")).toContain(digestOf("v2"));
    expect(await world.release(requestOf(held, image("one-api", "v2"), image("two-api", "v2")))).toMatchObject({
      result: "held",
    });
  });

  it("of one image lets the app's others go on", async () => {
    const source = await server.edit({
      ...appFiles("one"),
      [overlayPaths("one", "dev").hold]: "reason: why\nimages: [one-ui]\n",
    });
    await world.release(requestOf(source, image("one-api", "v2"), image("one-ui", "v2")));
    expect(await world.imagesOf("one")).not.toContain("one-ui");
  });

  it.each([
    ["without a reason", "since: 2026-03-31\n", /hold\.yaml.*reason/],
    ["with another key", "reason: why\nuntil: later\n", /hold\.yaml:2: until: is not a key/],
    ["of no image of the app", "reason: why\nimages: [one-uy]\n", /one-uy is not an image of this app/],
    ["that is not YAML", "reason: [\n", /hold\.yaml/],
    ["since an invalid day", "reason: why\nsince: spring\n", /since.*use a date/],
  ])("%s stops the release", async (_name, text, complaint) => {
    const source = await server.edit({ ...appFiles("one"), [overlayPaths("one", "dev").hold]: text });
    await expect(world.release(requestOf(source, image("one-api", "v1")))).rejects.toThrow(complaint);
    expect(await server.git("rev-parse", "main")).toBe(source);
  });
});

describe("a machine-owned file", () => {
  it.each([
    ["of other content", "images: {}\n", /images\/kustomization\.yaml:1: images/],
    [
      "with a source that is not a commit",
      component('metadata: { annotations: { slipway.dev/source: "main" } }'),
      /whole id/,
    ],
    ["with a tag for a digest", component("images: [{ name: one-api, newName: x, digest: latest }]"), /must be sha256/],
  ])("%s stops the release", async (_name, text, complaint) => {
    const source = await server.edit({ ...appFiles("one"), [overlayPaths("one", "dev").images]: text });
    await expect(world.release(requestOf(source, image("one-api", "v1")))).rejects.toThrow(complaint);
  });

  it("that a person began empty, or wrote otherwise, is understood", async () => {
    const path = overlayPaths("one", "dev").images;
    const source = await server.edit({ ...appFiles("one"), [path]: component("images: []") });
    expect(await world.release(requestOf(source, image("one-api", "v1")))).toMatchObject({ result: "released" });
    const { newName } = { newName: image("one-api", "v1").repository };
    const other = component(`images: [{ newName: ${newName}, digest: "${digestOf("v1")}", name: one-api }]`);
    const edited = await server.edit({ [path]: other });
    expect(await world.release(requestOf(edited, image("one-api", "v1")))).toMatchObject({ result: "unchanged" });
  });

  function component(rest: string): string {
    return `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${rest}\n`;
  }
});
