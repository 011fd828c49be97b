import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { discoverImages, type Image } from "../../../actions/lib/images/image.ts";
import type { Checks } from "./checks.ts";
import {
  checkBrokenBuild,
  checkFirstDelivery,
  checkMendedBuild,
  checkOneImage,
  checkQuota,
  checkQuietPush,
  reaches,
  type WorldSnapshot,
  type Stop,
  snapshot,
} from "./delivery-checks.ts";
import { hasConsole } from "../console/address.ts";
import { checkAllDeliveries, checkConsole, checkLiveDelivery } from "../console/checks.ts";
import type { ConsoleClient } from "../console/client.ts";
import type { Progress } from "../progress.ts";
import type { World } from "../world/parts.ts";

/** A file that a person changes, and how. */
interface Edit {
  path: string;
  change: (text: string) => string;
}

/**
 * Does the pushes of a rehearsal one after the other, and checks what each must have done.
 *
 * @param most how many pushes at most; all when left out
 */
export async function deliver(
  world: World,
  progress: Progress,
  checks: Checks,
  until: Stop,
  most = Number.POSITIVE_INFINITY,
): Promise<void> {
  const before = world.proxy.day.bad ? await pushIntoQuota(world, progress, checks) : await snapshot(world);
  await push(world, progress, "push");
  progress.line();
  await checkFirstDelivery(world, checks, before, until);
  // The console shows a first delivery whole; on a bad day, two pushes bring it.
  const shown = reaches(until, "live") && !world.names && !world.proxy.day.bad;
  const client = shown && (await hasConsole(world)) ? await checkConsole(world, checks) : undefined;
  const sound = () => reaches(until, "release") && checks.records.every((check) => check.ok);
  // What a later push shows rests on the pushes before it.
  const more = [pushReadme, pushOneFile, pushBrokenImage].slice(0, most - 1);
  for (const next of more) if (sound()) await next(world, progress, checks, client);
  if (client && sound()) await checkAllDeliveries(world, checks, client);
}

/**
 * The first push of a bad day: EC2 starts no nodes yet. What is left of it is for the next push to take up.
 *
 * @returns what the world looks like before that push, whose commit is made
 */
async function pushIntoQuota(world: World, progress: Progress, checks: Checks): Promise<WorldSnapshot> {
  await push(world, progress, "push: quota");
  progress.line();
  await checkQuota(world, checks);
  const before = await snapshot(world);
  await world.person.edit("README.md", (text) => `${text}\n`);
  await world.person.commit("Try again, now that the quota is raised");
  return before;
}

async function pushReadme(world: World, progress: Progress, checks: Checks): Promise<void> {
  const edit = { path: "README.md", change: (text: string) => `${text}\n` };
  const { before, commit } = await change(world, progress, "push: README", "Say more in the README", [edit]);
  await checkQuietPush(world, checks, before, commit);
}

async function pushOneFile(
  world: World,
  progress: Progress,
  checks: Checks,
  client: ConsoleClient | undefined,
): Promise<void> {
  const found = await editableImage(world.person.directory);
  if (!found) return;
  const { image, path } = found;
  const edit = { path, change: (text: string) => `${text}\n// Changed.\n` };
  await using watch = client?.watch();
  const { before, commit } = await change(world, progress, `push: ${image.name}`, `Change ${image.name}`, [edit]);
  await checkOneImage(world, checks, before, commit, image);
  if (client && watch) await checkLiveDelivery(world, checks, client, watch.events);
}

/** A push that changes two images and breaks one of them, and the push that fixes it. */
async function pushBrokenImage(world: World, progress: Progress, checks: Checks): Promise<void> {
  const [sound, broken] = (await discoverImages(world.person.directory)).slice(-2);
  if (!sound || !broken) return;
  const failing = "RUN /no/such/program";
  const first = await change(world, progress, "push: broken", `Change ${sound.name}, break ${broken.name}`, [
    { path: `${sound.folder}/Dockerfile`, change: (text) => `${text}# Changed.\n` },
    { path: `${broken.folder}/Dockerfile`, change: (text) => `${text}${failing}\n` },
  ]);
  await checkBrokenBuild(world, checks, first.before, first.commit, { sound, broken });
  const second = await change(world, progress, "push: fixed", `Fix ${broken.name}`, [
    { path: `${broken.folder}/Dockerfile`, change: (text) => text.replace(failing, "# Fixed.") },
  ]);
  await checkMendedBuild(world, checks, second.before, second.commit, { sound, broken });
}

async function change(
  world: World,
  progress: Progress,
  stage: string,
  message: string,
  edits: readonly Edit[],
): Promise<{ before: WorldSnapshot; commit: string }> {
  const before = await snapshot(world);
  await world.person.pull();
  for (const edit of edits) await world.person.edit(edit.path, edit.change);
  const commit = await world.person.commit(message);
  await push(world, progress, stage);
  return { before, commit };
}

async function push(world: World, progress: Progress, stage: string): Promise<void> {
  progress.line();
  progress.line(`$ git push origin ${world.branch}`);
  await progress.stage(stage, async () => {
    await world.person.push((text) => progress.line(text.replace(/\s+$/, "")));
  });
}

/** A TypeScript file of the first image that has one: what the one-image push changes. */
async function editableImage(repository: string): Promise<{ image: Image; path: string } | undefined> {
  for (const image of await discoverImages(repository)) {
    const source = `${image.folder}/src`;
    const files = await readdir(join(repository, source)).catch(() => []);
    const file = files.filter((name) => /^(?!.*\.test).*\.ts$/.test(name)).sort()[0];
    if (file) return { image, path: `${source}/${file}` };
  }
  return undefined;
}
