import { readdirSync, readFileSync } from "node:fs";

/** Follows how much memory our processes hold. */
export interface MemoryWatch {
  /** Ends it. @returns the most bytes that were seen at once; 0 where the system does not tell */
  stop(): number;
}

const pageSize = 4096;
const watches = new Set<{ peak: number }>();
let timer: NodeJS.Timeout | undefined;

/** Samples once a second; watches at the same time share one sample. */
export function startMemoryWatch(): MemoryWatch {
  const watch = { peak: 0 };
  watches.add(watch);
  timer ??= setInterval(sample, 1000);
  timer.unref();
  sample();
  return {
    stop() {
      sample();
      watches.delete(watch);
      if (watches.size === 0) {
        clearInterval(timer);
        timer = undefined;
      }
      return watch.peak;
    },
  };
}

function sample(): void {
  const now = residentMemory(process.pid);
  for (const watch of watches) watch.peak = Math.max(watch.peak, now);
}

/** The resident memory of a process and all its descendants, in bytes; 0 where there is no `/proc`. */
export function residentMemory(root: number): number {
  const parents = new Map<number, number>();
  const resident = new Map<number, number>();
  for (const name of listProcesses()) {
    const pid = Number(name);
    try {
      // The fields after the name in brackets, which may itself hold brackets and spaces: state, parent, ...
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      parents.set(pid, Number(fields[1]));
      resident.set(pid, Number(fields[21]) * pageSize);
    } catch {
      // It ended between the listing and the reading.
    }
  }
  let sum = 0;
  for (const [pid, bytes] of resident) if (isBelow(pid, root, parents)) sum += bytes;
  return sum;
}

function listProcesses(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function isBelow(pid: number, root: number, parents: Map<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = parents.get(at)) if (at === root) return true;
  return false;
}
