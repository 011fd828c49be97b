import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { printable } from "../../actions/lib/core/printable.ts";
import { ProcessError } from "../../actions/lib/core/process.ts";
import { type ComposeFile, renderComposeFile } from "./compose-file.ts";
import { appLabel } from "./model.ts";
import type { RunTool, ComposeTools } from "./tools.ts";

/** From the start of the first container until every one of the app is healthy, in seconds. */
const patience = 300;

/**
 * Writes an app's Compose file and the files that it mounts.
 *
 * @param folder gets all of them; nobody but its owner can look into it
 * @returns the Compose file's path
 */
export async function writeStack(
  folder: string,
  file: ComposeFile,
  mounted: ReadonlyMap<string, string>,
): Promise<string> {
  for (const [path, text] of mounted) {
    await mkdir(dirname(path), { recursive: true });
    // Whoever a container runs as may read it; the folder above keeps everybody else out.
    await rm(path, { force: true });
    await writeFile(path, text, { mode: 0o444 });
  }
  const path = join(folder, "compose.yaml");
  await writeFile(path, renderComposeFile(file), { mode: 0o600 });
  return path;
}

/**
 * Starts an app, or brings a running one up to date, and waits until it is healthy.
 *
 * @throws SlipwayError naming the service that fails, with its last lines
 */
export async function startStack(tools: ComposeTools, app: string, path: string): Promise<void> {
  const args = ["--file", path, "--progress=plain", "up", "--detach", "--no-build", "--remove-orphans"];
  try {
    await tools.compose([...args, "--wait", `--wait-timeout=${patience}`], { timeout: (patience + 60) * 1000 });
  } catch (error) {
    if (!(error instanceof ProcessError)) throw error;
    throw new SlipwayError(await whyNot(tools, app, error), { cause: error });
  }
}

/** A container, as `docker inspect` describes it. */
interface Inspected {
  Name: string;
  State: {
    Status: string;
    ExitCode: number;
    OOMKilled: boolean;
    Health?: { Status: string; Log?: { Output: string }[] };
  };
  Config: { Labels: Record<string, string> };
}

/** Why an app did not come up, with the last lines of the containers to blame. */
async function whyNot({ docker }: ComposeTools, app: string, error: ProcessError): Promise<string> {
  const containers = await find(docker, "container", app);
  const inspected = containers.length > 0 ? (await docker(["inspect", ...containers])).stdout : "[]";
  const found = (JSON.parse(inspected) as Inspected[]).flatMap(({ Name: name, State: state }) => {
    const how = faultOf(state);
    return how === undefined ? [] : [{ name: name.replace("/", ""), how }];
  });
  const texts = found.map(async ({ name, how }) => {
    const { stdout, stderr } = await docker(["logs", "--tail", "10", name], { onLine: () => {} });
    return [`${name} ${how}:`, ...printable(`${stdout}${stderr}`).trimEnd().split("\n")].join("\n    ");
  });
  return found.length > 0 ? (await Promise.all(texts)).join("\n") : error.message;
}

function faultOf({ Status: status, ExitCode: code, OOMKilled: killed, Health: health }: Inspected["State"]) {
  if (killed) return "was killed because it ran out of memory";
  if (status === "restarting" || (status === "exited" && code !== 0)) return `ended with code ${code}`;
  if (health?.Status === "unhealthy") return `is not healthy (${health.Log?.at(-1)?.Output.trim() || "no answer"})`;
  return undefined;
}

/** What of our apps is in Docker, in whatever state. */
export interface Remains {
  containers: string[];
  networks: string[];
  volumes: string[];
}

type StackPartKind = "container" | "network" | "volume";

async function find(docker: RunTool, kind: StackPartKind, app?: string): Promise<string[]> {
  const filter = app === undefined ? appLabel : `${appLabel}=${app}`;
  const all = kind === "container" ? ["--all"] : [];
  const args = [kind, "ls", ...all, "--quiet", "--filter", `label=${filter}`];
  return (await docker(args, { timeout: 30_000 })).stdout.split("\n").filter(Boolean);
}

/** The apps that have something in Docker, sorted. */
export async function stackedApps(docker: RunTool): Promise<string[]> {
  const kinds: StackPartKind[] = ["container", "network", "volume"];
  const lists = kinds.map(async (kind) => {
    const format = kind === "container" ? ["--all"] : [];
    const args = [kind, "ls", ...format, "--filter", `label=${appLabel}`, "--format", `{{.Label "${appLabel}"}}`];
    return (await docker(args, { timeout: 30_000 })).stdout.split("\n").filter(Boolean);
  });
  return [...new Set((await Promise.all(lists)).flat())].sort();
}

/** Who of our apps holds which ports of this machine. */
export async function heldPorts(docker: RunTool): Promise<Map<number, string>> {
  const format = `{{.Label "${appLabel}"}} {{.Ports}}`;
  const { stdout } = await docker(["ps", "--filter", `label=${appLabel}`, "--format", format], { timeout: 30_000 });
  const lines = stdout.split("\n").map((line) => line.split(" "));
  return new Map(
    lines.flatMap(([app = "", ...ports]) =>
      [...ports.join(" ").matchAll(/:(\d+)->/g)].map(([, port]): [number, string] => [Number(port), app]),
    ),
  );
}

/**
 * Takes an app's containers and networks away, after their own end, and with `volumes` also its data.
 *
 * @returns what was there
 */
export async function removeStack(docker: RunTool, app: string, { volumes }: { volumes: boolean }): Promise<Remains> {
  const containers = await find(docker, "container", app);
  // Each has the time to end that its manifest gives it.
  if (containers.length > 0) await docker(["stop", ...containers], { timeout: 180_000 });
  if (containers.length > 0) await docker(["rm", "--force", "--volumes", ...containers], { timeout: 60_000 });
  const networks = await find(docker, "network", app);
  if (networks.length > 0) await docker(["network", "rm", ...networks], { timeout: 60_000 });
  const data = volumes ? await find(docker, "volume", app) : [];
  if (data.length > 0) await docker(["volume", "rm", ...data], { timeout: 60_000 });
  return { containers, networks, volumes: data };
}
