import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { allSettledOrThrow } from "../../actions/lib/core/concurrency.ts";
import { ensureBaseImages } from "../rehearsal/docker/base-images.ts";
import { ensureBuildx } from "../rehearsal/docker/buildx.ts";
import { ensureCompose } from "../rehearsal/docker/compose.ts";
import { type Docker, type DockerOptions, ensureDocker } from "../rehearsal/docker/docker.ts";
import type { Progress } from "../rehearsal/progress.ts";
import { ensureKustomize } from "../rehearsal/tools/kustomize.ts";
import { type App, findApps } from "./apps.ts";
import type { LocalImage } from "./container-context.ts";
import { buildImages } from "./images.ts";
import { composeFile, leftOut } from "./model.ts";
import { type PublishedPort, publishedPorts, refuseTakenPorts } from "./ports.ts";
import { secretValues } from "./secrets.ts";
import { heldPorts, removeStack, startStack, writeStack } from "./stack.ts";
import { dockerCall, openTools, type ComposeTools } from "./tools.ts";

/** What is brought up, and how. */
export interface UpOptions {
  /** The repository's root folder; its working tree counts, committed or not. */
  repository: string;
  /** Names of apps; the only one there is when empty. */
  apps: readonly string[];
  environment: string;
  /** Added to every port of this machine. */
  portOffset: number;
  progress: Progress;
  /** Stops when it aborts; what was started is taken away. */
  signal: AbortSignal;
  /** Where a Docker daemon of our own lives, where the machine has none. */
  docker?: DockerOptions;
}

/** An app that is up and healthy. */
export interface UpResult {
  app: string;
  ports: PublishedPort[];
  /** Kinds of manifests that Compose has nothing for. */
  leftOut: string[];
}

/** Apps that are up. Disposing of it ends them where Docker was started for them, and changes nothing elsewhere. */
export interface Stack extends AsyncDisposable {
  readonly results: readonly UpResult[];
  readonly docker: Docker;
}

/** The folder of everything that is made for apps on this machine: out of git, for its owner's eyes alone. */
export const composeFolder = (repository: string): string => join(repository, ".slipway", "compose");

/** The folder of the logs, which the next `up` empties. */
export const composeLogs = (repository: string): string => join(composeFolder(repository), "logs");

/**
 * Brings apps up with Docker Compose, from the same manifests and Dockerfiles as a delivery. When one does not come up,
 * what was begun is taken away again; data stays.
 *
 * @throws SlipwayError when an app or a port cannot be had, an image cannot be built, or a container does not get ready
 */
export async function composeUp(options: UpOptions): Promise<Stack> {
  const { repository, environment, progress } = options;
  const folder = composeFolder(repository);
  const logs = composeLogs(repository);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(logs, { recursive: true, force: true });
  await mkdir(logs);
  const render = await ensureKustomize(join(logs, "kustomize.log"));
  const apps = await findApps(repository, options.apps, environment, render);
  const ports = apps.flatMap((app) => publishedPorts(app.name, app.manifests, options.portOffset));

  await using undo = new AsyncDisposableStack();
  const docker = await progress.stage("docker", async (stage) => {
    const found = undo.use(await ensureDocker({ log: join(logs, "dockerd.log"), ...options.docker }));
    stage.note(`${found.version}, ${found.started ? "started for this" : "the machine's"}`);
    await refuseTakenPorts(ports, await heldPorts(dockerCall(found)));
    return found;
  });
  const { tools, pinned } = await prepare(docker, logs, options);
  const images = await progress.stage("images", async (stage) => {
    const built = await buildImages(tools, repository, apps, { pinned, folder });
    stage.note([...built.keys()].join(", "));
    return built;
  });
  await using begun = new AsyncDisposableStack();
  for (const app of apps) {
    begun.defer(async () => {
      await removeStack(dockerCall(docker), app.name, { volumes: false });
    });
    await progress.stage(`start ${app.name}`, () => start(app, ports, images, tools, repository));
  }
  const results = apps.map(({ name, manifests }) => ({
    app: name,
    ports: ports.filter((port) => port.app === name),
    leftOut: leftOut(manifests),
  }));
  const stacks = begun.move();
  if (docker.started) undo.use(stacks);
  const release = undo.move();
  return { results, docker, [Symbol.asyncDispose]: () => release.disposeAsync() };
}

/** Compose, buildx and the base images, side by side. */
async function prepare(docker: Docker, logs: string, { repository, progress, signal }: UpOptions) {
  const [compose, buildx, { pinned }] = await allSettledOrThrow([
    progress.stage("compose", (stage) => ensureCompose(docker, stage.log, stage.note)),
    progress.stage("buildx", (stage) => ensureBuildx(docker, stage.log, stage.note)),
    progress.stage("base images", (stage) => ensureBaseImages(docker, repository, stage.log)),
  ]);
  signal.throwIfAborted();
  return { tools: openTools(docker, { compose, buildx }, join(logs, "docker.log"), signal), pinned };
}

async function start(
  app: App,
  ports: readonly PublishedPort[],
  images: ReadonlyMap<string, LocalImage>,
  tools: ComposeTools,
  repository: string,
): Promise<void> {
  const folder = join(composeFolder(repository), app.name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = new Map<string, string>();
  const secret = await secretValues(repository, app.name, app.manifests, folder);
  const mine = ports.filter((port) => port.app === app.name);
  const file = composeFile({ app: app.name, manifests: app.manifests, ports: mine, images, secret, folder, files });
  await startStack(tools, app.name, await writeStack(folder, file, files));
}
