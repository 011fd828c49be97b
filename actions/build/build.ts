import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Builder, buildArguments, buildFailure, selectBuilder } from "./builder.ts";
import { mapConcurrently } from "../lib/core/concurrency.ts";
import { materializeBuildContext } from "../lib/context/materialize.ts";
import { type DockerSession, openDockerSession } from "./docker-session.ts";
import { SlipwayError } from "../lib/core/errors.ts";
import { throughRegistryTrouble } from "../lib/images/push-trouble.ts";
import { gitText } from "../lib/git/git.ts";
import type { Image } from "../lib/images/image.ts";
import { ProcessError, run } from "../lib/core/process.ts";
import type { Registry, RegistryImage } from "../lib/images/registry.ts";
import { code, safe, type Markdown, markdownTable, text } from "../lib/core/markdown.ts";
import { formatBytes, formatDuration } from "../lib/core/summary.ts";

/** What became of one image. `raced`: another run pushed the same key first, and its image is taken. */
export type BuildResult =
  | { name: string; key: string; result: "built" | "adopted" | "raced"; digest: string; size: number; seconds: number }
  | { name: string; key: string; result: "failed"; error: SlipwayError; seconds: number };

/** The commit that images are built from, as their labels tell it. */
export interface BuildSource {
  revision: string;
  /** The commit's date. */
  date: Date;
  /** The repository's address in a browser. */
  url: string;
}

/** What a shard is built with. */
export interface BuildOptions {
  /** A clone of the repository. */
  repository: string;
  source: BuildSource;
  images: readonly Image[];
  registry: Registry;
  /** Where builds report: one group of lines for each image. */
  log: BuildLog;
  env?: NodeJS.ProcessEnv;
}

/** How a build tells what it does. */
export interface BuildLog {
  group: <T>(title: string, work: () => Promise<T>) => Promise<T>;
  line: (text: string) => void;
  notice: (text: string) => void;
}

/** What builds share: a Docker that is logged in to `server`, and its builder. */
interface BuildDocker {
  session: DockerSession;
  builder: Builder;
  server: string;
}

/** Reads the commit that is built. @param server the address of GitHub @param slug owner/name */
export async function readSource(repository: string, server: string, slug: string): Promise<BuildSource> {
  const [revision = "", seconds = ""] = (
    await gitText(repository, ["log", "--max-count=1", "--format=%H %ct", "HEAD"])
  ).split(" ");
  return { revision, date: new Date(Number(seconds) * 1000), url: `${server}/${slug}` };
}

/** The images that were asked for. @throws SlipwayError on a name that no folder stands for, naming those there are */
export function chooseImages(all: readonly Image[], names: readonly string[]): Image[] {
  return names.map((name) => {
    const image = all.find((each) => each.name === name);
    if (image) return image;
    throw new SlipwayError(`There is no image "${name}" in this commit.`, {
      next: `Allowed: ${all.map((each) => each.name).join(", ")}.`,
    });
  });
}

/**
 * Brings images into the registry: those that are there are adopted, the others built and pushed, one after another.
 * One that fails does not keep the others from being built; nothing but Docker's absence or a refused login throws.
 *
 * @returns one result for each image, in the order of `images`
 */
export async function buildImages(options: BuildOptions): Promise<BuildResult[]> {
  const { images, registry, log } = options;
  const started = performance.now();
  const looked = await mapConcurrently(images, 16, async (image) => ({ image, state: await registry.look(image) }));
  const asked = performance.now() - started;
  await using stack = new AsyncDisposableStack();
  let docker: BuildDocker | undefined;
  const results: BuildResult[] = [];
  for (const { image, state } of looked) {
    if (state.state === "present") {
      log.line(`${image.name}: adopted, ${image.key} is in the registry.`);
      results.push(finished(image, "adopted", state.image, asked));
    } else if (state.state === "no-repository") {
      results.push(failed(image, missingRepository(registry, image.name), asked));
    } else {
      if (!docker) {
        const login = await registry.login();
        const session = stack.use(await openDockerSession(login, options.env));
        docker = { session, builder: await selectBuilder(session.env, log.notice), server: login.server };
      }
      const using = docker;
      if (state.archived) log.line(`${image.name}: ECR has ${image.key} in its archive, so it is built again.`);
      results.push(await log.group(`Build ${image.name}`, () => buildImage(options, image, using)));
    }
  }
  return results;
}

async function buildImage(
  { repository, source, registry, log, env = process.env }: BuildOptions,
  image: Image,
  docker: BuildDocker,
): Promise<BuildResult> {
  const started = performance.now();
  const folder = await mkdtemp(join(env.RUNNER_TEMP || tmpdir(), "slipway-build-"));
  const reference = `${docker.server}/${registry.repositoryName(image.name)}:${image.key}`;
  try {
    const context = join(folder, "context");
    await materializeBuildContext(repository, image, source.revision, context);
    const args = buildArguments({
      builder: docker.builder,
      context,
      dockerfile: join(context, image.folder, "Dockerfile"),
      reference,
      cacheReference: `${docker.server}/${registry.repositoryName("build-cache")}:${image.name}`,
      labels: imageLabels(image.name, source),
      architecture: image.architecture ?? "amd64",
      pull: image.period !== undefined,
      epoch: source.date.getTime() / 1000,
      metadataFile: join(folder, "metadata.json"),
    });
    const build = () =>
      run("docker", args, { env: docker.session.env, onLine: log.line }).then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof ProcessError && error.code !== null) return error;
          throw error;
        },
      );
    const failure = await throughRegistryTrouble(build, log.line);
    // ECR's word counts, after a failure too: a push that was refused because another run was faster is not a failure.
    const state = await registry.look(image);
    const took = performance.now() - started;
    if (state.state === "present") {
      log.line(`${image.name}: ${state.image.digest}, ${formatBytes(state.image.size)}, ${formatDuration(took)}.`);
      return finished(image, failure ? "raced" : "built", state.image, took);
    }
    const restore = state.state === "absent" && state.archived && restoreArchived(registry, image);
    const error = failure
      ? new SlipwayError(
          `${image.name} (${image.folder}/Dockerfile) could not be built:\n${buildFailure(failure.stderr)}`,
          restore ? { next: restore } : {},
        )
      : new SlipwayError(`${image.name} was pushed, but ECR does not list ${image.key}.`, {
          next: restore || "Run the job again.",
        });
    return failed(image, error, took);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return failed(image, error, performance.now() - started);
  } finally {
    await rm(folder, { recursive: true, force: true });
    // Docker's own builder also keeps what it pushed as a local image.
    if (docker.builder.driver === "docker")
      await run("docker", ["image", "rm", reference], { env: docker.session.env, okCodes: [0, 1] });
  }
}

/** @see https://github.com/opencontainers/image-spec/blob/main/annotations.md */
function imageLabels(title: string, source: BuildSource): Record<string, string> {
  return {
    "org.opencontainers.image.title": title,
    "org.opencontainers.image.revision": source.revision,
    "org.opencontainers.image.source": source.url,
    "org.opencontainers.image.created": source.date.toISOString(),
  };
}

const seconds = (milliseconds: number) => Math.round(milliseconds / 100) / 10;

function finished(
  { name, key }: Image,
  result: "built" | "adopted" | "raced",
  { digest, size }: RegistryImage,
  milliseconds: number,
): BuildResult {
  return { name, key, result, digest, size, seconds: seconds(milliseconds) };
}

function failed({ name, key }: Image, error: SlipwayError, milliseconds: number): BuildResult {
  return { name, key, result: "failed", error, seconds: seconds(milliseconds) };
}

function missingRepository(registry: Registry, name: string): SlipwayError {
  return new SlipwayError(`ECR has no repository ${registry.repositoryName(name)}.`, {
    next: 'terraform/registry makes one for each image: apply it with actions/infra ("root: registry").',
    reason: "no-repository",
  });
}

/** What to do where the archived image keeps its tag, which cannot be given to another. */
function restoreArchived(registry: Registry, { name, key }: Image): string {
  const repository = registry.repositoryName(name);
  return `ECR has an image of this tag in its archive. If the push was refused for that, bring it back: aws ecr update-image-storage-class --repository-name ${repository} --image-id imageTag=${key} --target-storage-class STANDARD. It takes up to 20 minutes; then run the job again.`;
}

/** The table of a job summary. */
export function buildSummary(results: readonly BuildResult[]): Markdown {
  const words = {
    built: safe`built`,
    adopted: safe`adopted`,
    raced: safe`adopted (another run pushed it)`,
    failed: safe`**failed**`,
  };
  return markdownTable(
    ["Image", "Result", "Digest", "Size", "Time"],
    results.map((each) => [
      text(each.name),
      words[each.result],
      each.result === "failed" ? safe`` : code(each.digest.slice(0, "sha256:".length + 12)),
      each.result === "failed" ? safe`` : text(formatBytes(each.size)),
      text(formatDuration(each.seconds * 1000)),
    ]),
  );
}

/** One error for all images that failed, naming each; `undefined` when none did. */
export function buildError(results: readonly BuildResult[]): SlipwayError | undefined {
  const broken = results.filter((each) => each.result === "failed");
  const [first] = broken;
  if (!first) return undefined;
  const count = results.length === 1 ? "" : `${broken.length} of ${results.length} images failed: `;
  const names = results.length === 1 ? "" : `${broken.map((each) => each.name).join(", ")}.\n`;
  const texts = broken.map(({ error }) => (error.next ? `${error.message} ${error.next}` : error.message));
  return new SlipwayError(`${count}${names}${texts.join("\n")}`, {
    reason: first.error.reason ?? "build-failed",
    cause: first.error,
  });
}
