import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { unmountBelow } from "../docker/mounts.ts";

/** The variable that every process of a world carries, also the one that makes it: the world's folder. */
export const worldVariable = "SLIPWAY_WORLD";

/** Who holds the lock: what is needed to see whether it still lives, and to take away what it left. */
interface Holder {
  pid: number;
  /** When that process began, in the system's own words: a number alone may have been given away again. */
  began: string;
  /** The folder of its world. */
  world: string;
  since: string;
}

/**
 * Takes the lock that lets one rehearsal at a time run. A lock whose holder has died is taken over, after ending the
 * processes of its world and removing its folder.
 *
 * @param path the lock file
 * @param world the folder of the world that this process makes
 * @param say told what is taken away
 * @throws SlipwayError when another rehearsal runs
 */
export async function takeLock(path: string, world: string, say: (line: string) => void): Promise<AsyncDisposable> {
  await mkdir(dirname(path), { recursive: true });
  const own: Holder = { pid: process.pid, began: await beginOf(process.pid), world, since: new Date().toISOString() };
  for (;;) {
    try {
      const file = await open(path, "wx", 0o600);
      await file.writeFile(JSON.stringify(own));
      await file.close();
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = await readHolder(path);
    if (holder && (await beginOf(holder.pid)) === holder.began)
      throw new SlipwayError(`Another rehearsal runs here since ${holder.since} (process ${String(holder.pid)}).`, {
        next: "Wait for its end, or end it with Ctrl-C where it was started.",
        reason: "locked",
      });
    if (holder) {
      say(`The last rehearsal did not end in order; taking away what it left (${holder.world}).`);
      await endProcesses(holder.world);
      await removeFolder(holder.world);
    }
    await rm(path, { force: true });
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  // A file that is still being written is empty for a moment.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    try {
      return JSON.parse(await readFile(path, "utf8")) as Holder;
    } catch {
      await sleep(100);
    }
  }
  return undefined;
}

/** When a process began; "" when there is none, "alive" where the system does not tell. */
export async function beginOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8");
    return stat.split(") ").at(-1)?.split(" ")[19] ?? "";
  } catch {
    if (process.platform === "linux") return "";
  }
  try {
    process.kill(pid, 0);
    return "alive";
  } catch {
    return "";
  }
}

/** The processes that carry a world's variable, without this one. Only Linux tells; elsewhere there are none. */
export async function processesOf(world: string): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const found: number[] = [];
  for (const name of names.filter((each) => /^\d+$/.test(each) && Number(each) !== process.pid)) {
    const variables = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
    if (variables.split("\0").includes(`${worldVariable}=${world}`)) found.push(Number(name));
  }
  return found;
}

/** Docker's own programs. Told to end side by side, they leave the containers that they run. */
const dockers = /^([^\0]*\/)?(dockerd|containerd|containerd-shim[\w-]*|docker-proxy)\0/;

/** Whether a process is a part of Docker, which ends by itself when its daemon is told to. */
export async function isDockers(pid: number): Promise<boolean> {
  return dockers.test(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
}

/**
 * Ends every process of a world: SIGTERM, and SIGKILL to what is still there after `grace` milliseconds.
 *
 * @param spare processes that go on; none when left out
 */
export async function endProcesses(
  world: string,
  grace = 10_000,
  spare: (pid: number) => Promise<boolean> = () => Promise.resolve(false),
): Promise<void> {
  const deadline = Date.now() + grace;
  let asked = false;
  for (;;) {
    const all = await processesOf(world);
    const spared = await Promise.all(all.map(spare));
    const left = all.filter((_, index) => !spared[index]);
    if (left.length === 0) return;
    const late = Date.now() > deadline;
    if (!asked || late) {
      for (const pid of left) {
        try {
          process.kill(pid, late ? "SIGKILL" : "SIGTERM");
        } catch {
          // It ended by itself.
        }
      }
      asked = true;
    }
    if (Date.now() > deadline + 5_000)
      throw new SlipwayError(`Processes of the rehearsal do not end: ${left.join(", ")}.`, {
        next: "Look at: ps -fp.",
      });
    await sleep(100);
  }
}

/** Removes a world's folder, and before it everything that is mounted in it. */
export async function removeFolder(folder: string): Promise<void> {
  await unmountBelow([folder]);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
