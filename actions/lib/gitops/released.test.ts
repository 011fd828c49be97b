import { afterAll, beforeAll, expect, it } from "vitest";
import { renderImagesFile } from "./images-file.ts";
import { overlayPaths } from "./paths.ts";
import { carries, Releases } from "./released.ts";
import { image, type ReleaseWorld, startReleaseWorld } from "../../testing/gitops/release.ts";

const token = "a-token-of-github";
const source = "5".repeat(40);
const pinned = (name: string, version: string) => {
  const { repository, digest = "" } = image(name, version);
  return { name, newName: repository, digest };
};
const imagesFile = (app: string, version: string) => ({
  [overlayPaths(app, "dev").images]: renderImagesFile({ source, images: [pinned(`${app}-api`, version)] }),
});
const overlay = (app: string) => ({ [overlayPaths(app, "dev").overlay]: "components: [images]\n" });

let world: ReleaseWorld;
let releases: Releases;

beforeAll(async () => {
  world = await startReleaseWorld();
  releases = await Releases.open(await world.remoteWith(token), "dev");
});
afterAll(async () => {
  await releases[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

it("reads what each app is to run, and says why another one is passed over", async () => {
  const commit = await world.server.edit({
    ...overlay("guests"),
    ...imagesFile("guests", "one"),
    ...overlay("demo"),
    ...imagesFile("demo", "one"),
    ...overlay("empty"),
    [overlayPaths("empty", "dev").images]: renderImagesFile({ source: undefined, images: [] }),
    [overlayPaths("away", "prod").overlay]: "components: [images]\n",
    "gitops/apps/README.md": "No app.\n",
  });
  expect(await releases.read()).toEqual({
    commit,
    apps: [
      { app: "demo", source, images: [pinned("demo-api", "one")] },
      { app: "guests", source, images: [pinned("guests-api", "one")] },
    ],
    skipped: [
      { app: "away", why: "it has no overlay for dev" },
      { app: "empty", why: "none of its images is released yet" },
    ],
  });
});

it("tells a commit before from one after, and what each of them wants", async () => {
  const before = await world.server.edit({ "README.md": "before\n" });
  const own = await world.server.edit(imagesFile("guests", "two"));
  const unrelated = await world.server.edit({ ...imagesFile("demo", "three"), "README.md": "after\n" });
  const later = await world.server.edit(imagesFile("guests", "four"));
  const wanted = (await releases.read(own)).apps.find(({ app }) => app === "guests");
  if (!wanted) throw new Error("guests is released");
  const judged = async (commit: string) => {
    const { contains, released } = await releases.relation(own, commit);
    return { contains, carries: carries(released, wanted) };
  };
  // At the same time, as an observer asks.
  expect(await Promise.all([before, own, unrelated, later, "f".repeat(40)].map(judged))).toEqual([
    { contains: false, carries: false },
    { contains: true, carries: true },
    { contains: true, carries: true },
    { contains: true, carries: false },
    { contains: false, carries: false },
  ]);
});
