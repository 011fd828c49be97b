import type { NodeArchitecture } from "../lib/config/nodes.ts";
import { messageOf, SlipwayError } from "../lib/core/errors.ts";
import { ProcessError, run } from "../lib/core/process.ts";

/** A BuildKit builder, and what it can do. */
export interface Builder {
  name: string;
  driver: string;
  /** Whether it can export a cache to the registry. */
  exportsCache: boolean;
}

/** One image to build and push. */
export interface BuildInputs {
  builder: Builder;
  /** The folder of the build context. */
  context: string;
  /** The Dockerfile's path. */
  dockerfile: string;
  /** The whole reference to push, `<server>/<repository>:<key>`. */
  reference: string;
  /** Where the layers' cache is kept, `<server>/<repository>:<image name>`. */
  cacheReference: string;
  labels: Record<string, string>;
  /** The processors that it is for. */
  architecture: NodeArchitecture;
  /** Whether base images are asked for again, though the builder has them. */
  pull: boolean;
  /** Seconds since 1970 that timestamps in the image are set to. */
  epoch: number;
  /** Where buildx writes the digest. */
  metadataFile: string;
}

/** The builder that is made where only Docker's own is there. */
const ownBuilder = "slipway";

/**
 * The arguments of `docker` that build and push one image.
 *
 * The epoch is an attribute of the exporter and no build argument: as an argument it becomes part of every WORKDIR's
 * cache key, so that each commit would build all later steps again
 * (https://github.com/moby/buildkit/blob/v0.25.0/frontend/dockerfile/dockerfile2llb/convert.go#L1407).
 */
export function buildArguments(inputs: BuildInputs): string[] {
  const { builder } = inputs;
  const output = [
    "type=image",
    `name=${inputs.reference}`,
    "push=true",
    `source-date-epoch=${inputs.epoch}`,
    "rewrite-timestamp=true",
  ];
  const cache = `type=registry,ref=${inputs.cacheReference}`;
  return [
    "buildx",
    "build",
    `--builder=${builder.name}`,
    `--file=${inputs.dockerfile}`,
    "--progress=plain",
    // A builder makes images for its own machine when it is not told.
    `--platform=linux/${inputs.architecture}`,
    ...(inputs.pull ? ["--pull"] : []),
    // An attestation would make the digest that of an index, and nodes run the manifest's.
    "--provenance=false",
    `--metadata-file=${inputs.metadataFile}`,
    `--output=${output.join(",")}`,
    ...Object.entries(inputs.labels).map(([name, value]) => `--label=${name}=${value}`),
    ...(builder.exportsCache
      ? [
          `--cache-from=${cache}`,
          // ECR takes a cache only as an image manifest; an unwritable cache must not fail a good build.
          `--cache-to=${cache},mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true`,
        ]
      : []),
    inputs.context,
  ];
}

/** Name and driver from the output of `docker buildx inspect`. @throws SlipwayError when it tells of an error instead */
export function parseBuilder(text: string): { name: string; driver: string } {
  const field = (name: string) => new RegExp(`^${name}:[ \\t]+(\\S.*)$`, "m").exec(text)?.[1]?.trim();
  const [name, driver, error] = [field("Name"), field("Driver"), field("Error")];
  if (!name || !driver)
    throw new SlipwayError(`Docker has no builder that answers: ${error ?? (text.trim() || "buildx said nothing")}`, {
      next: "Check with: docker version, docker buildx ls.",
      reason: "no-builder",
    });
  return { name, driver };
}

/** Whether `docker info`'s DriverStatus, as JSON, is that of the containerd image store, which can export caches. */
export function usesContainerdStore(driverStatus: string): boolean {
  return /io\.containerd\.snapshotter/.test(driverStatus);
}

/**
 * The builder to use: the selected one when it can export a cache, else one of our own in a container, which needs the
 * image moby/buildkit; where that cannot be had, Docker's own builder, without a registry cache.
 *
 * @param notice told in one line when there will be no registry cache
 * @throws SlipwayError when Docker or buildx is missing or does not answer
 */
export async function selectBuilder(env: NodeJS.ProcessEnv, notice: (line: string) => void): Promise<Builder> {
  const selected = await inspect(env);
  if (selected.driver !== "docker") return { ...selected, exportsCache: true };
  const { stdout } = await run("docker", ["info", "--format", "{{json .DriverStatus}}"], { env, timeout: 30_000 });
  if (usesContainerdStore(stdout)) return { ...selected, exportsCache: true };
  try {
    await startOwnBuilder(env);
    return { name: ownBuilder, driver: "docker-container", exportsCache: true };
  } catch (error) {
    const why = (messageOf(error).trimEnd().split("\n").at(-1) ?? "").replace(/^ERROR: /, "");
    notice(`Building without a registry cache: a BuildKit container could not be started (${why}).`);
    return { ...selected, exportsCache: false };
  }
}

/** Starts the builder in a container that is there already, or makes one; another job may do the same at the same time. */
async function startOwnBuilder(env: NodeJS.ProcessEnv): Promise<void> {
  const buildx = (...args: string[]) => run("docker", ["buildx", ...args], { env, timeout: 60_000, killAfter: 5_000 });
  const start = () => buildx("inspect", ownBuilder, "--bootstrap");
  const isThere = await buildx("inspect", ownBuilder).then(
    () => true,
    () => false,
  );
  if (isThere) {
    await start();
    return;
  }
  try {
    // The machine's network, so that a registry on this machine is reached as Docker itself reaches it.
    const settings = ["--driver", "docker-container", "--driver-opt", "network=host"];
    await buildx("create", "--name", ownBuilder, ...settings, "--bootstrap");
  } catch (error) {
    if (!/existing instance/.test(messageOf(error))) {
      await buildx("rm", "--force", ownBuilder).catch(() => {});
      throw error;
    }
    await start();
  }
}

async function inspect(env: NodeJS.ProcessEnv): Promise<{ name: string; driver: string }> {
  try {
    return parseBuilder((await run("docker", ["buildx", "inspect"], { env, timeout: 30_000 })).stdout);
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    const missing = /not a docker command|unknown command|unknown flag/.test(error.stderr);
    throw new SlipwayError(missing ? "Docker has no buildx here." : `Docker does not answer: ${error.message}`, {
      next: missing ? "Install the package docker-buildx-plugin." : "Start it, and check with: docker version",
      reason: "no-builder",
      cause: error,
    });
  }
}

/** How many lines of a failed build its message keeps. */
const failureLines = 25;

/**
 * What a person needs of a failed build's output: the failing step with its last lines, the place in the Dockerfile
 * where BuildKit names it, and the error.
 */
export function buildFailure(output: string): string {
  const lines = output.trimEnd().split("\n");
  // BuildKit repeats the failing step between two lines of six dashes, at the end.
  const summary = lines.indexOf("------");
  const error = lines.findIndex((line) => line.startsWith("ERROR: "));
  const from = summary >= 0 ? summary + 1 : Math.max(0, error);
  return (
    lines
      .slice(from)
      // A cache that is not there yet, or cannot be written, is told of in the same place, but fails nothing.
      .filter((line) => line !== "------" && !/^ > (importing|exporting) cache/.test(line))
      .map((line) => line.replace(/^ERROR: failed to build: (failed to solve: )?/, "ERROR: "))
      .slice(-failureLines)
      .join("\n")
  );
}
