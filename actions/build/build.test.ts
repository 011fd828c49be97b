import { expect, it } from "vitest";
import { type BuildResult, buildError, buildSummary, chooseImages, readSource } from "./build.ts";
import { explain, SlipwayError } from "../lib/core/errors.ts";
import { gitText } from "../lib/git/git.ts";
import { commitFiles, temporaryRepository } from "../testing/repository.ts";

const image = (name: string) => ({ name, app: "demo", component: name, folder: `apps/demo/${name}`, key: "0a1b" });
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const built: BuildResult = { name: "demo-one", key: "0a1b", result: "built", digest, size: 48_234_567, seconds: 12.3 };
const broken = (name: string, details = {}): BuildResult => ({
  name,
  key: "0a1b",
  result: "failed",
  error: new SlipwayError(`${name} could not be built:\nERROR: exit code: 1`, details),
  seconds: 2,
});

it("reads the commit that labels tell of", async () => {
  await using repository = await temporaryRepository();
  const revision = await commitFiles(repository.path, { "README.md": "one" });
  const date = new Date(await gitText(repository.path, ["log", "-1", "--format=%cI"]));
  expect(await readSource(repository.path, "https://github.com", "owner/name")).toEqual({
    revision,
    date,
    url: "https://github.com/owner/name",
  });
});

it("names the images there are when one is asked for that is not", () => {
  const all = [image("api"), image("nginx")];
  expect(chooseImages(all, ["nginx"])).toEqual([all[1]]);
  expect(() => chooseImages(all, ["api", "web"])).toThrow('There is no image "web"');
});

it("shows every image in the summary", () => {
  const results = [built, { ...built, name: "demo-two", result: "raced" as const }, broken("demo-three")];
  expect(buildSummary(results).split("\n")).toEqual([
    "| Image | Result | Digest | Size | Time |",
    "| --- | --- | --- | --- | --- |",
    "| demo-one | built | `sha256:0123456789ab` | 48.2 MB | 12 s |",
    "| demo-two | adopted (another run pushed it) | `sha256:0123456789ab` | 48.2 MB | 12 s |",
    "| demo-three | **failed** |  |  | 2.0 s |",
  ]);
});

it("fails once, naming every image that failed", () => {
  expect(buildError([built])).toBeUndefined();
  const error = buildError([built, broken("demo-two"), broken("demo-three", { next: "Fix it." })]);
  expect(error?.reason).toBe("build-failed");
  expect(explain(error)).toBe(
    [
      "2 of 3 images failed: demo-two, demo-three.",
      "demo-two could not be built:",
      "ERROR: exit code: 1",
      "demo-three could not be built:",
      "ERROR: exit code: 1 Fix it.",
    ].join("\n"),
  );
});

it("says the one image's own reason", () => {
  const error = buildError([broken("demo-one", { reason: "no-repository" })]);
  expect(error?.reason).toBe("no-repository");
  expect(error?.message).toMatch(/^demo-one could not be built/);
});
