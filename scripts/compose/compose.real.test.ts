import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../actions/lib/process.ts";
import { type Docker, ensureDocker } from "../rehearsal/docker/docker.ts";
import { createProgress } from "../rehearsal/progress.ts";
import { composeDown } from "./down.ts";
import { composeFolder, composeLogs, composeUp } from "./up.ts";

const root = join(import.meta.dirname, "..", "..");
const portOffset = 21_000;
const gateway = `http://127.0.0.1:${80 + portOffset}`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let docker: Docker | undefined;
let dockerHost: string | undefined;

/** A working tree and a daemon of the test's own: it takes data away, which must not be a person's. */
beforeAll(async () => {
  folder = await temporaryFolder("compose");
  const skipped = new Set(["node_modules", "dist"]);
  for (const name of ["apps", "gitops", "package.json", "package-lock.json"])
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
});

afterAll(async () => {
  if (dockerHost === undefined) delete process.env.DOCKER_HOST;
  else process.env.DOCKER_HOST = dockerHost;
  await docker?.[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const inDocker = async (...args: string[]) =>
  (await run("docker", args, { timeout: 60_000 })).stdout.split("\n").filter(Boolean);

async function ask(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(gateway + path, { signal: AbortSignal.timeout(10_000) });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

it("brings visits up from its manifests, and takes it away without a trace", async () => {
  const repository = join(folder.path, "repository");
  const silent = createProgress(composeLogs(repository), { write: () => true });
  const signal = AbortSignal.timeout(280_000);
  const up = { repository, apps: ["visits"], environment: "dev", portOffset, progress: silent, signal };
  await expect(composeUp({ ...up, apps: [] })).rejects.toMatchObject({
    message: "Which app of dev is not said.",
    next: "It may be proyecto06, visits.",
  });
  const begun = composeUp(up);
  await using stack = await begun;
  expect(stack.docker.started).toBe(false);

  const hosts = new Set<unknown>();
  for (let count = 0; count < 10; count += 1) hosts.add((await ask("/")).hostname);
  expect(hosts.size).toBeGreaterThanOrEqual(2);
  expect(await ask("/hits")).toMatchObject({ hits: 1 });
  expect(await ask("/hits")).toMatchObject({ hits: 2 });
  const [api] = await inDocker("ps", "--quiet", "--filter", "name=visits-api-replicas");
  const inspected = await inDocker("inspect", api ?? "", "--format", "{{.HostConfig.ReadonlyRootfs}} {{.Config.User}}");
  expect(inspected).toEqual(["true 1000:1000"]);

  // Another container with the same data, as after a deleted pod.
  await inDocker("rm", "--force", ...(await inDocker("ps", "--quiet", "--filter", "name=visits-database")));
  await composeUp(up);
  expect(await ask("/hits")).toMatchObject({ hits: 3 });

  await expect(composeDown({ repository, apps: ["shop"], volumes: false })).rejects.toMatchObject({
    next: "There is visits.",
  });
  const [taken] = await composeDown({ repository, apps: [], volumes: true });
  expect(taken?.volumes).toEqual(["slipway-visits_visits-database-data"]);
  expect(await inDocker("ps", "--all", "--quiet")).toEqual([]);
  expect(await inDocker("volume", "ls", "--quiet")).toEqual([]);
  expect(await inDocker("network", "ls", "--quiet", "--filter", "type=custom")).toEqual([]);
  expect(await readdir(composeFolder(repository))).toEqual(["logs"]);
});
