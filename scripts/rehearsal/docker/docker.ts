import { mkdir, readFile, readlink, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { messageOf, SlipwayError } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { cacheFolder } from "../tools/cache.ts";
import { startDaemon } from "./daemon.ts";
import { freeNetwork, makeNetwork } from "./docker-network.ts";
import { runtimeArguments } from "./runtime.ts";
import { unmountBelow } from "./mounts.ts";
import { ensureSystemPackages, findProgram } from "../tools/system.ts";

/** A Docker daemon that answers, and how to reach it. */
export interface Docker extends AsyncDisposable {
  /** The `docker` program's path. */
  readonly command: string;
  /** The daemon's address, as DOCKER_HOST takes it. */
  readonly host: string;
  /** The parent's environment with DOCKER_HOST set: what children that talk to Docker get. */
  readonly environment: NodeJS.ProcessEnv;
  /** The daemon's version, for example `20.10.24`. */
  readonly version: string;
  /** Whether the daemon is ours; then it stops when this is disposed of, with everything in it. */
  readonly started: boolean;
}

/** Where a daemon of our own lives. */
export interface DockerOptions {
  /** Images and build caches, kept for the next time; `docker` in the cache folder when left out. */
  dataRoot?: string;
  /** dockerd's log; in the runtime folder when left out. */
  log?: string;
  /** Names the bridge and the runtime folder `/run/<name>`; at most 15 characters. */
  name?: string;
  /** Start a daemon of our own even where one answers. */
  own?: boolean;
}

/**
 * Docker, ready to use: the machine's daemon when one answers (by DOCKER_HOST, the current context or the default
 * socket), else, as root on Linux, one of our own with its own socket, bridge and address range.
 *
 * @throws SlipwayError when there is none and none can be started, telling what to do
 */
export async function ensureDocker(options: DockerOptions = {}): Promise<Docker> {
  const found = options.own ? undefined : await runningDocker();
  if (found) return found;
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    throw new SlipwayError("Docker does not answer on this machine.", {
      next: "Start it (or install it), check with: docker version. Then try again.",
    });
  return startDocker(options);
}

async function runningDocker(): Promise<Docker | undefined> {
  const command = await findProgram("docker");
  if (!command) return undefined;
  const version = await serverVersion(command, process.env).catch(() => undefined);
  if (!version) return undefined;
  const host = process.env.DOCKER_HOST || (await contextHost(command));
  return {
    command,
    host,
    version,
    started: false,
    environment: { ...process.env, DOCKER_HOST: host },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function serverVersion(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await run(command, ["version", "--format", "{{.Server.Version}}"], { env, timeout: 15_000 });
  return stdout.trim();
}

async function contextHost(command: string): Promise<string> {
  const { stdout } = await run(command, ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"]);
  return stdout.trim();
}

async function startDocker(options: DockerOptions): Promise<Docker> {
  const { dockerd } = await ensureSystemPackages(["dockerd", "ip", "iptables"]);
  // On a machine with an init system, installing the package has started the machine's own daemon.
  const service = options.own ? undefined : await runningDocker();
  if (service) return service;
  const command = (await findProgram("docker")) as string;

  const name = options.name ?? "slipway0";
  const folder = join("/run", name);
  await clearRemains(folder);
  await mkdir(folder, { recursive: true });
  const dataRoot = options.dataRoot ?? cacheFolder("docker");
  const host = `unix://${join(folder, "docker.sock")}`;
  const environment = { ...process.env, DOCKER_HOST: host };
  // A daemon that finds networks of its last run and has an address pool deletes docker0, whosever it is
  // (moby's daemon_unix.go, "Clear stale bridge network").
  await rm(join(dataRoot, "network"), { recursive: true, force: true });

  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  undo.defer(() => unmountBelow([folder, dataRoot]));
  const network = undo.use(await makeNetwork(name, await freeNetwork()));
  const daemon = undo.use(
    await startDaemon(
      "dockerd",
      dockerd,
      [
        `--host=${host}`,
        `--data-root=${dataRoot}`,
        `--exec-root=${join(folder, "exec")}`,
        `--pidfile=${join(folder, "dockerd.pid")}`,
        `--bridge=${network.bridge}`,
        `--default-address-pool=base=${network.pool},size=24`,
        // What a container publishes is for this machine alone.
        "--ip=127.0.0.1",
        // The network's own three rules do the work; dockerd's chains would meet those of another daemon.
        "--iptables=false",
        "--ip6tables=false",
        ...(await runtimeArguments(folder)),
      ],
      { log: options.log ?? join(folder, "dockerd.log"), grace: 30_000 },
    ),
  );
  let version = "";
  await daemon.ready(async () => {
    version = await serverVersion(command, environment);
    return version !== "";
  }, 60_000);
  // What a daemon that was killed left; nobody but us uses this one.
  await removeEverything(command, environment);
  undo.defer(() => removeEverything(command, environment));
  const release = undo.move();
  return {
    command,
    host,
    version,
    started: true,
    environment,
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}

/** Ends containers and removes networks of our own daemon: their bridges would stay in the kernel. */
async function removeEverything(command: string, env: NodeJS.ProcessEnv): Promise<void> {
  const docker = async (...args: string[]) => (await run(command, args, { env, timeout: 60_000 })).stdout;
  const lines = (text: string) => text.split("\n").filter(Boolean);
  try {
    const containers = lines(await docker("ps", "--all", "--quiet"));
    if (containers.length > 0) await docker("rm", "--force", "--volumes", ...containers);
    const networks = lines(await docker("network", "ls", "--quiet", "--filter", "type=custom"));
    if (networks.length > 0) await docker("network", "rm", ...networks);
  } catch (error) {
    process.stderr.write(`slipway: the Docker daemon could not be emptied: ${messageOf(error)}\n`);
  }
}

/**
 * Whether a process runs Node.js, by its `/proc/<pid>/exe`: which says so, too, of a program whose file was replaced
 * since it was started, as `npm ci` does.
 */
export function isNode(program: string): boolean {
  return basename(program.replace(/ \(deleted\)$/, "")) === "node";
}

/**
 * Ends the daemon that a killed process left in `folder`, and waits for its end.
 *
 * @throws SlipwayError when the process that started it still runs
 */
async function clearRemains(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, "dockerd.pid"), "utf8").catch(() => ""));
  const isDockerd = async () => {
    const commandLine = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") : "";
    return commandLine.includes(`--exec-root=${join(folder, "exec")}`);
  };
  if (!(await isDockerd())) return;
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const owner = /^PPid:\s*(\d+)/m.exec(status)?.[1] ?? "";
  // Whoever starts one is a Node.js process; what lost its starter belongs to the system's first process.
  const program = await readlink(`/proc/${owner}/exe`).catch(() => "");
  if (isNode(program))
    throw new SlipwayError(`Another Slipway runs Docker on this machine (process ${owner}).`, {
      next: "Wait for it to end, or start a Docker daemon that both can use.",
    });
  process.kill(pid, "SIGTERM");
  const deadline = Date.now() + 30_000;
  while (await isDockerd()) {
    if (Date.now() > deadline) process.kill(pid, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
