import { appendFileSync } from "node:fs";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { allSettledOrThrow } from "../../../actions/lib/core/concurrency.ts";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import type { Authority } from "../cluster/certificates.ts";
import { type CloudControllers, startCloudControllers } from "../cluster/controllers/cloud-controllers.ts";
import type { RunningCluster } from "../cluster/clusters.ts";
import { makeNodeImage, type NodeImage, tryNodeImage } from "../cluster/node-image.ts";
import { ensureClusterPrograms } from "../cluster/programs.ts";
import { versionTable } from "../cluster/versions.ts";
import { ensureBaseImages, servePinned } from "../docker/base-images.ts";
import { ensureBuildx } from "../docker/buildx.ts";
import { type Docker, ensureDocker } from "../docker/docker.ts";
import type { Person } from "./person.ts";
import type { Progress } from "../progress.ts";
import { compileKustomize } from "../tools/kustomize.ts";
import { findProgram } from "../tools/system.ts";
import type { World, WorldOptions } from "./parts.ts";

export async function startDocker({ logs, progress }: WorldOptions, stack: AsyncDisposableStack): Promise<Docker> {
  return progress.stage("docker", async (stage) => {
    const found = stack.use(await ensureDocker({ log: join(logs, "dockerd.log") }));
    stage.note(`${found.version}, ${found.started ? "started for this rehearsal" : "the machine's"}`);
    return found;
  });
}

/** What is made with Docker, or for it, in parallel: base images, the cluster's node, buildx. */
export async function prepareImages(
  { folder, progress }: WorldOptions,
  stack: AsyncDisposableStack,
  docker: Docker,
  node: NodeImage | undefined,
  person: Person,
) {
  const [buildx] = await allSettledOrThrow([
    progress.stage("buildx", async (stage) => {
      const found = await ensureBuildx(docker, stage.log, stage.note);
      stage.note(`${found.version}${found.folder ? ", compiled from source" : ""}`);
      return found;
    }),
    progress.stage("base images", async (stage) => {
      const images = await ensureBaseImages(docker, person.directory, stage.log);
      await servePinned(join(folder, "bin"), docker.command, images.pinned);
      const count = (names: string[], what: string) => (names.length > 0 ? [`${names.length} ${what}`] : []);
      stage.note(
        [...count(images.real, "from a registry"), ...count(images.standIns, "stand-ins of Debian packages")].join(
          ", ",
        ),
      );
    }),
    node ? prepareNode(docker, node, person, progress) : Promise.resolve(),
  ]);
  const config = join(folder, "docker-config");
  await writeFile(
    join(config, "config.json"),
    JSON.stringify({ cliPluginsExtraDirs: buildx.folder ? [buildx.folder] : [] }),
  );
  const own = join(process.env.DOCKER_CONFIG ?? join(process.env.HOME ?? "/", ".docker"), "cli-plugins");
  await symlink(own, join(config, "cli-plugins"));
  const environment = { DOCKER_HOST: docker.host, DOCKER_CONFIG: config, BUILDX_CONFIG: join(folder, "buildx") };
  // Where images can be pulled, the build action starts a builder in a container.
  stack.defer(async () => {
    const env = { ...docker.environment, ...environment };
    await run(docker.command, ["buildx", "rm", "--force", "--all-inactive"], { env, okCodes: [0, 1] });
    await run(docker.command, ["buildx", "rm", "--force", "slipway"], { env, okCodes: [0, 1] });
  });
  return { environment };
}

/**
 * The actions call kubectl, which GitHub's runners have; a machine that has none gets the one that was compiled.
 * Without a cluster only the plan calls it, to render: then kustomize is enough, which compiles in a minute.
 */
export async function linkKubectl(bin: string, node: NodeImage | undefined): Promise<void> {
  if (await findProgram("kubectl")) return;
  if (!node) {
    const kustomize = await compileKustomize(join(bin, "kustomize.log"));
    const script = `#!/bin/sh\n# kubectl kustomize FOLDER\nexec '${kustomize}' build "$2"\n`;
    return writeFile(join(bin, "kubectl"), script, { mode: 0o755 });
  }
  if (!node.standIn)
    throw new SlipwayError("kubectl is missing on this machine.", {
      next: "Install it (https://kubernetes.io/docs/tasks/tools/), then try again.",
    });
  const { kubernetes } = await ensureClusterPrograms(join(bin, "kubectl.log"));
  await symlink(kubernetes, join(bin, "kubectl"));
}

/** The image that clusters run in, and how far its versions are those of production. */
async function prepareNode(docker: Docker, node: NodeImage, { directory }: Person, progress: Progress): Promise<void> {
  await progress.stage("node image", async (stage) => {
    await makeNodeImage(docker, node, stage.log, stage.note);
    await tryNodeImage(docker, node);
    const { deliver } = await readConfig(join(directory, "slipway.yaml"));
    const versions = await versionTable(directory, deliver, { kubernetes: node.kubernetes });
    const words = versions.map(
      ({ what, rehearsed, production, same }) => `${what} ${rehearsed}${same ? "" : ` (production: ${production})`}`,
    );
    stage.note(`${words.join(", ")}${node.standIn ? ", compiled from source" : ""}`);
  });
}

/** Starts what AWS runs next to a cluster: load balancers for its Services, volumes for its claims. */
export async function runCloudControllers(
  cluster: RunningCluster,
  { emulator, proxy, region }: Pick<World, "emulator" | "proxy" | "region">,
  { directory }: Person,
  logs: string,
  authority?: Authority,
): Promise<CloudControllers> {
  const { project } = await readConfig(join(directory, "slipway.yaml"));
  return startCloudControllers({
    access: cluster.access,
    cluster: cluster.name,
    aws: { endpoint: proxy.endpoint, region, credentials: emulator.credentials },
    // As terraform/environment tells the EBS CSI driver's add-on.
    volumeTags: {
      "slipway:project": project,
      "slipway:environment": cluster.name.slice(project.length + 1),
      "slipway:managed-by": "terraform/environment",
    },
    folders: cluster.folders,
    authority,
    ...(cluster.controllers && { only: cluster.controllers }),
    defaultZone: `${region}a`,
    log: (line) => appendFileSync(join(logs, "cloud-controllers.log"), `${line}\n`),
  });
}
