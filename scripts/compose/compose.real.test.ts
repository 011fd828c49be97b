import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../actions/lib/core/process.ts";
import { ensureBaseImages } from "../rehearsal/docker/base-images.ts";
import { ensureBuildx } from "../rehearsal/docker/buildx.ts";
import { ensureCompose } from "../rehearsal/docker/compose.ts";
import { type Docker, ensureDocker } from "../rehearsal/docker/docker.ts";
import { createProgress } from "../rehearsal/progress.ts";
import { composeChecks } from "./app-checks.ts";
import { composeDown } from "./down.ts";
import { composeFolder, composeLogs, composeUp } from "./up.ts";

const root = join(import.meta.dirname, "..", "..");
const portOffset = 21_000;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let docker: Docker | undefined;
let dockerHost: string | undefined;

/** A working tree and a daemon of the test's own: it takes data away, which must not be a person's. */
beforeAll(async () => {
  folder = await temporaryFolder("compose");
  const skipped = new Set(["node_modules", "dist"]);
  for (const name of ["apps", "gitops", ".npmrc", "package.json", "package-lock.json", "tsconfig.json"])
    await cp(join(root, name), join(folder.path, "repository", name), {
      recursive: true,
      filter: (path) => !skipped.has(path.split("/").at(-1) ?? ""),
    });
  const dataRoot = join(folder.path, "docker");
  await mkdir(dataRoot);
  docker = await ensureDocker({ own: true, name: `slipc${process.pid}`.slice(0, 15), dataRoot });
  // For what is tested, it is the machine's.
  dockerHost = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = docker.host;
  // What a first time takes minutes for: the limits of the tests are for bringing apps up.
  const log = join(folder.path, "tools.log");
  await Promise.all([ensureCompose(docker, log), ensureBuildx(docker, log)]);
  await ensureBaseImages(docker, join(folder.path, "repository"), log);
}, 3_600_000);

afterAll(async () => {
  if (dockerHost === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = dockerHost;
  await docker?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const inDocker = async (...args: string[]) =>
  (await run("docker", args, { timeout: 60_000 })).stdout.split("\n").filter(Boolean);

/** What is brought up, silently, and at ports that nobody else has. */
const upOf = (app: string) => {
  const repository = join(folder.path, "repository");
  const progress = createProgress(composeLogs(repository), { write: () => true });
  const signal = AbortSignal.timeout(280_000);
  return { repository, apps: [app], environment: "dev", portOffset, progress, signal };
};

/** All of an app's data and containers. */
async function takeAway(app: string, volumes: string[]): Promise<void> {
  const { repository } = upOf(app);
  const [taken] = await composeDown({ repository, apps: [], volumes: true });
  expect(taken?.volumes).toEqual(volumes);
  expect(await inDocker("ps", "--all", "--quiet")).toEqual([]);
  expect(await inDocker("volume", "ls", "--quiet")).toEqual([]);
  expect(await inDocker("network", "ls", "--quiet", "--filter", "type=custom")).toEqual([]);
  expect(await readdir(composeFolder(repository))).toEqual(["logs"]);
}

const apps = await composeChecks();
const deliverable = await readdir(join(root, "gitops/apps"));

// With one app there is nothing to choose.
it.runIf(deliverable.length > 1)("asks which app is meant, and says what there is", async () => {
  const up = upOf("");
  await expect(composeUp({ ...up, apps: [] })).rejects.toMatchObject({
    message: "Which app of dev is not said.",
    next: `Allowed: ${deliverable.sort().join(", ")}.`,
  });
});

it.each(apps)("brings %s up from its manifests, and takes it away without a trace", async (app, { volumes, check }) => {
  const up = upOf(app);
  const begun = composeUp(up);
  await using stack = await begun;
  expect(stack.docker.started).toBe(false);
  await check({
    origin: (port) => `http://127.0.0.1:${port + portOffset}`,
    docker: inDocker,
    logs: async (id) => (await run("docker", ["logs", id])).stdout,
    again: () => composeUp(up),
  });
  await expect(composeDown({ repository: up.repository, apps: ["unheard-of"], volumes: false })).rejects.toMatchObject({
    next: `There is ${app}.`,
  });
  await takeAway(app, volumes);
});
