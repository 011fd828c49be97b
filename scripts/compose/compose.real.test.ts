import { once } from "node:events";
import { cp, mkdir, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../actions/lib/core/process.ts";
import { ensureBaseImages } from "../rehearsal/docker/base-images.ts";
import { ensureBuildx } from "../rehearsal/docker/buildx.ts";
import { ensureCompose } from "../rehearsal/docker/compose.ts";
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

async function ask(path: string): Promise<Record<string, unknown>> {
  const response = await fetch(gateway + path, { signal: AbortSignal.timeout(10_000) });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

it("brings visits up from its manifests, and takes it away without a trace", async () => {
  const up = upOf("visits");
  await expect(composeUp({ ...up, apps: [] })).rejects.toMatchObject({
    message: "Which app of dev is not said.",
    next: "Allowed: proyecto06, visits.",
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

  await expect(composeDown({ repository: up.repository, apps: ["shop"], volumes: false })).rejects.toMatchObject({
    next: "There is visits.",
  });
  await takeAway("visits", ["slipway-visits_visits-database-data"]);
});

it("brings the console up at the three ports of its document, and lets one in by its link", async () => {
  const begun = composeUp(upOf("proyecto06"));
  await using stack = await begun;
  expect(stack.docker.started).toBe(false);
  expect(await (await fetch(`${gateway}/deliveries`)).text()).toContain("<app-root");
  for (const origin of [gateway, `http://127.0.0.1:${8000 + portOffset}`])
    expect((await fetch(`${origin}/health/ready`)).status).toBe(200);
  const containers = await inDocker("ps", "--quiet", "--filter", "name=-backend-");
  const logs = await Promise.all(containers.map((id) => run("docker", ["logs", id])));
  const link = /\/api\/session\/first\?token=[\w-]+/.exec(logs.map(({ stdout }) => stdout).join("\n"))?.[0] ?? "";
  const signedIn = await fetch(gateway + link, { redirect: "manual" });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const answer = await fetch(`${gateway}/api/deliveries`, { headers: { cookie } });
  expect([answer.status, await answer.json()]).toEqual([200, { items: [], next: null }]);
  const database = connect(5432 + portOffset, "127.0.0.1");
  await once(database, "connect");
  database.destroy();
  await takeAway("proyecto06", ["slipway-proyecto06_database-data"]);
});
