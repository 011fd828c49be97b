import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { gitText } from "../../../actions/lib/git/git.ts";
import { discoverImages, type Image } from "../../../actions/lib/images/image.ts";
import { planFor } from "../aws/account.ts";
import { type Checks, insist, insistSame } from "./checks.ts";
import { listImages, manifestMatches } from "../aws/emulator/registry-listing.ts";
import type { RunRecord } from "../github/runner.ts";
import { checkPods } from "../live/checks.ts";
import { checkAddresses, checkApps } from "./apps.ts";
import { checkNames } from "../live/names.ts";
import type { World } from "../world/parts.ts";

/** How far a rehearsal goes. */
export const stops = ["plan", "build", "infra", "release", "live", "gone"] as const;
export type Stop = (typeof stops)[number];

/** Whether a rehearsal that ends at `until` comes to `stop`. */
export const reaches = (until: Stop, stop: Stop): boolean => stops.indexOf(until) >= stops.indexOf(stop);

const releaseFile = /^gitops\/apps\/[^/]+\/overlays\/[^/]+\/images\/kustomization\.yaml$/;

/** What a world looks like between two pushes. */
export interface WorldSnapshot {
  /** The branch's commit; empty before the first push. */
  head: string;
  /** `name:tag` of every image. */
  images: string[];
  /** How many Terraform processes have been started. */
  terraform: number;
  /** How many runs there have been. */
  runs: number;
}

/** Looks at git, ECR and the Terraform processes so far. */
export async function snapshot(world: World): Promise<WorldSnapshot> {
  const images = await listImages(world, await projectOf(world));
  return {
    head: await gitText(world.server.directory, ["rev-parse", "--verify", "--quiet", world.branch], {
      okCodes: [0, 1],
    }),
    images: images.flatMap((image) => image.tags.map((tag) => `${image.name}:${tag}`)),
    terraform: (await readFile(world.terraformLog, "utf8")).split("\n").filter(Boolean).length,
    runs: world.runner.runs.length,
  };
}

async function projectOf(world: World): Promise<string> {
  return (await readConfig(`${world.person.directory}/slipway.yaml`)).project;
}

function lastRun(world: World, before: WorldSnapshot): RunRecord {
  const run = world.runner.runs.at(-1);
  insist(run !== undefined && world.runner.runs.length === before.runs + 1, "the push started no run, or several");
  return run;
}

/** A push that the account's quota stops ends red, and a person reads why. */
export async function checkQuota(world: World, checks: Checks): Promise<void> {
  await checks.check("The push that the quota stops ends red and says so", async () => {
    const run = world.runner.runs.at(-1);
    insist(run?.conclusion === "failure", `it ended as ${run?.conclusion}; logs: ${run?.logs}`);
    const failed = run.jobs.filter((job) => job.conclusion === "failure").map((job) => job.name);
    const logs = await readdir(run.logs, { recursive: true, withFileTypes: true });
    const files = logs.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
    insist(texts.join("\n").includes("VcpuLimitExceeded"), `no log in ${run.logs} names the quota`);
    return `failed: ${failed.join(", ")}`;
  });
}

/** What the first push must have done. */
export async function checkFirstDelivery(
  world: World,
  checks: Checks,
  before: WorldSnapshot,
  until: Stop,
): Promise<void> {
  const project = await projectOf(world);
  const images = await discoverImages(world.person.directory);
  await checks.check("The push started one run, and it succeeded", () => {
    const run = lastRun(world, before);
    insist(run.conclusion === "success", `it ended as ${run.conclusion}; logs: ${run.logs}`);
    return `${run.jobs.filter((job) => job.conclusion === "success").length} jobs`;
  });
  if (until !== "plan")
    await checks.check("Every image is in ECR under its content key, whole", () => checkImages(world, project, images));
  if (until !== "plan" && until !== "build")
    for (const root of ["registry", "environment"] as const)
      await checks.check(`A second plan of terraform/${root} is clean`, async () => {
        const log = world.runner.runs.at(-1)?.logs ?? world.owner.folder;
        const { head } = await snapshot(world);
        const changes = await planFor(world.owner, world.server.directory, head, root, `${log}/plan-${root}.log`);
        insist(changes === undefined, `it is not: ${changes}. Log: ${log}/plan-${root}.log`);
        return "no changes";
      });
  if (reaches(until, "release")) await checkRelease(world, checks, before, images);
  if (reaches(until, "live")) await checkLive(world, checks);
  await checks.check("GitHub's API was only asked what it has", () => {
    insist(world.github.violations.length === 0, world.github.violations.join("\n"));
    return "";
  });
}

async function checkImages(world: World, project: string, images: readonly Image[]): Promise<string> {
  const listed = await listImages(world, project);
  const names = (list: readonly { name: string; tag: string }[]) =>
    list.map(({ name, tag }) => `${name}:${tag}`).sort();
  const seen = names(listed.flatMap((image) => image.tags.map((tag) => ({ name: image.name, tag }))));
  insistSame("images", seen, names(images.map((image) => ({ name: image.name, tag: image.key }))));
  for (const image of listed)
    insist(await manifestMatches(world, project, image), `${image.name}: the manifest is not what its digest promises`);
  return images.map((image) => `${image.name} ${image.key.slice(0, 12)}`).join(", ");
}

async function checkRelease(
  world: World,
  checks: Checks,
  before: WorldSnapshot,
  images: readonly Image[],
): Promise<void> {
  await checks.check("One release commit is on the branch, with the digests that are in ECR", async () => {
    const { head } = await snapshot(world);
    const pushed = await gitText(world.person.directory, ["rev-parse", "HEAD"]);
    insist(pushed !== before.head || head !== pushed, "the branch did not move");
    const changed = await releaseBetween(world, pushed, head);
    const digests = await releasedDigests(world, head, changed);
    const listed = await listImages(world, await projectOf(world));
    for (const [name, digest] of digests) {
      const key = images.find((image) => image.name === name)?.key;
      const inEcr = listed.find((image) => image.name === name && image.tags.includes(key ?? ""))?.digest;
      insist(inEcr === digest, `${name} is released as ${digest}, but ECR has ${inEcr ?? "no such image"}`);
    }
    insist(digests.size > 0, "it names no image");
    return `${head.slice(0, 7)} releases ${[...digests.keys()].sort().join(", ")}`;
  });
}

/** The files of the one commit from `base` to `head`. @throws Error when it is not one, or touches more than releases may */
async function releaseBetween(world: World, base: string, head: string): Promise<string[]> {
  const inBare = (...args: string[]) => gitText(world.server.directory, args);
  const commits = (await inBare("rev-list", "--parents", `${base}..${head}`)).split("\n").filter(Boolean);
  insist(commits.length === 1, `${commits.length} commits came after the push instead of one`);
  insist(commits[0] === `${head} ${base}`, "the release commit does not follow the pushed one directly");
  const changed = (await inBare("diff", "--name-only", base, head)).split("\n").filter(Boolean);
  const others = changed.filter((file) => !releaseFile.test(file));
  insist(others.length === 0, `the release commit also changes ${others.join(", ")}`);
  return changed;
}

async function releasedDigests(world: World, revision: string, files: readonly string[]): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const file of files) {
    const text = await gitText(world.server.directory, ["show", `${revision}:${file}`]);
    const { images = [] } = parse(text) as { images?: { name: string; digest: string }[] };
    for (const { name, digest } of images) digests.set(name, digest);
  }
  return digests;
}

/** What the branch says is released is what runs, and answers. */
async function checkLive(world: World, checks: Checks): Promise<void> {
  const { head } = await snapshot(world);
  const listed = await gitText(world.server.directory, ["ls-tree", "-r", "--name-only", head, "gitops/apps"]);
  const files = listed.split("\n").filter((file) => releaseFile.test(file));
  const released = await releasedDigests(world, head, files);
  await checkPods(world, checks, released);
  if (world.names) return checkNames(world, checks);
  await checkAddresses(world, checks);
  await checkApps(world, checks);
}

/** A push that touches no image: nothing is built, no Terraform starts, no commit follows. */
export async function checkQuietPush(
  world: World,
  checks: Checks,
  before: WorldSnapshot,
  pushed: string,
): Promise<void> {
  await checks.check("A changed README builds nothing, starts no Terraform and releases nothing", async () => {
    const after = await snapshot(world);
    const run = world.runner.runs.at(-1);
    insist(
      after.runs === before.runs || run?.conclusion === "success",
      `the run ended as ${run?.conclusion}; logs: ${run?.logs}`,
    );
    insistSame("images", after.images, before.images);
    insist(after.terraform === before.terraform, `${after.terraform - before.terraform} Terraform processes started`);
    insist(after.head === pushed, "a commit followed the push");
    return "";
  });
}

/** A push that touches one image: exactly that one is built, and exactly one commit releases it. */
export async function checkOneImage(world: World, checks: Checks, before: WorldSnapshot, pushed: string, image: Image) {
  const name = `A changed file of ${image.name} builds exactly that image, and one commit releases it`;
  await checks.check(name, () => oneDelivery(world, before, pushed, [image], [image]));
}

/** Two images of which one can be built and one cannot. */
export interface BrokenPair {
  sound: Image;
  broken: Image;
}

/** A push that breaks one of two images: the other is in ECR all the same, and nothing is released. */
export async function checkBrokenBuild(
  world: World,
  checks: Checks,
  before: WorldSnapshot,
  pushed: string,
  { sound, broken }: BrokenPair,
): Promise<void> {
  await checks.check(
    `A broken build of ${broken.name} ends red, keeps ${sound.name} and releases nothing`,
    async () => {
      const run = lastRun(world, before);
      insist(run.conclusion === "failure", `the run ended as ${run.conclusion}; logs: ${run.logs}`);
      const failed = run.jobs.filter((job) => job.conclusion === "failure").map((job) => job.name);
      insist(failed.join().includes(broken.name), `what failed is ${failed.join(", ") || "nothing"}`);
      const after = await snapshot(world);
      insistSame("built", newImages(before, after), [await taggedNow(world, sound)]);
      insist(after.head === pushed, "a commit followed the push");
      return `failed: ${failed.join(", ")}`;
    },
  );
}

/** The push that fixes it: only what failed is built, the other is adopted, and one commit releases both. */
export async function checkMendedBuild(
  world: World,
  checks: Checks,
  before: WorldSnapshot,
  pushed: string,
  { sound, broken }: BrokenPair,
): Promise<void> {
  await checks.check(`The next push builds only ${broken.name}, adopts ${sound.name} and releases both`, () =>
    oneDelivery(world, before, pushed, [broken], [sound, broken]),
  );
}

/** A delivery without Terraform that builds `built` and releases `released` in one commit. */
async function oneDelivery(
  world: World,
  before: WorldSnapshot,
  pushed: string,
  built: readonly Image[],
  released: readonly Image[],
): Promise<string> {
  const run = lastRun(world, before);
  insist(run.conclusion === "success", `the run ended as ${run.conclusion}; logs: ${run.logs}`);
  const after = await snapshot(world);
  const expected = await Promise.all(built.map((image) => taggedNow(world, image)));
  insistSame("built", newImages(before, after), expected);
  const changed = await releaseBetween(world, pushed, after.head);
  const old = await releasedDigests(world, pushed, changed);
  const now = await releasedDigests(world, after.head, changed);
  const moved = [...now].filter(([name, digest]) => old.get(name) !== digest).map(([name]) => name);
  insistSame("released", moved.sort(), released.map((image) => image.name).sort());
  insist(after.terraform === before.terraform, `${after.terraform - before.terraform} Terraform processes started`);
  return expected.map((tagged) => tagged.replace(/:(.{12}).*/, " $1")).join(", ");
}

/** `name:key` of an image as the person's clone has it now. */
async function taggedNow(world: World, { name }: Image): Promise<string> {
  const image = (await discoverImages(world.person.directory)).find((each) => each.name === name);
  return `${name}:${image?.key}`;
}

const newImages = (before: WorldSnapshot, after: WorldSnapshot) =>
  after.images.filter((each) => !before.images.includes(each));
