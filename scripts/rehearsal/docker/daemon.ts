import { spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { worldVariable } from "../world/cleanup.ts";
import { findProgram } from "../tools/system.ts";

/** How a part of a world is started. */
export interface BackgroundProcessOptions {
  /** The file that gets everything it prints; what it held is lost. */
  log: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Milliseconds from SIGTERM to SIGKILL; 10,000 when left out. */
  grace?: number;
}

/** A process that runs next to us until it is disposed of. */
export interface BackgroundProcess extends AsyncDisposable {
  readonly pid: number;
  readonly log: string;
  /** Whether it has ended by itself or been stopped. */
  readonly ended: boolean;
  /**
   * Waits until `check` is true.
   *
   * @param check asked about ten times a second; a throw counts as "not yet"
   * @param timeout milliseconds
   * @throws SlipwayError with the log's last lines when the process ends first or the time is up
   */
  ready(check: () => Promise<boolean>, timeout: number): Promise<void>;
  /** Stops it: SIGTERM to the process, then SIGKILL to its whole group. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a process in a group of its own, so that a terminal's Ctrl-C reaches only us and we end it in order. Where
 * the system can (Linux), it is told to end when we are killed.
 *
 * @param name what a message calls it, for example `dockerd`
 */
export async function startDaemon(
  name: string,
  command: string,
  args: readonly string[],
  options: BackgroundProcessOptions,
): Promise<BackgroundProcess> {
  const setpriv = process.platform === "linux" ? await findProgram("setpriv") : undefined;
  const [file, argv] = setpriv ? [setpriv, ["--pdeathsig", "TERM", command, ...args]] : [command, [...args]];
  const log = await open(options.log, "w");
  const child = spawn(file, argv, {
    cwd: options.cwd,
    env: marked(options.env ?? process.env),
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  let ended = false;
  const end = new Promise<void>((resolve) => {
    const settle = () => {
      ended = true;
      resolve();
    };
    child.once("exit", settle);
    child.once("error", settle);
  });
  const started = new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (cause) =>
      reject(new SlipwayError(`${name} could not be started: ${cause.message}.`, { cause })),
    );
  });
  await started.finally(() => log.close());
  const pid = child.pid as number;

  const signal = (to: number, which: NodeJS.Signals) => {
    try {
      process.kill(to, which);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  const stop = async () => {
    if (!ended) {
      signal(pid, "SIGTERM");
      const timer = new AbortController();
      await Promise.race([end, sleep(options.grace ?? 10_000, undefined, { signal: timer.signal }).catch(() => {})]);
      timer.abort();
    }
    // What it started and left behind is in its group; a group without members is ESRCH.
    signal(-pid, "SIGKILL");
    await end;
  };
  const ready = async (check: () => Promise<boolean>, timeout: number) => {
    const deadline = Date.now() + timeout;
    while (!(await check().catch(() => false))) {
      const late = Date.now() > deadline;
      if (ended || late) {
        throw new SlipwayError(
          `${name} ${late ? `was not ready after ${timeout / 1000} s` : "ended at once"}:\n${await lastLines(options.log)}`,
          { next: `Its whole log is ${options.log}.` },
        );
      }
      await sleep(100);
    }
  };
  return {
    pid,
    log: options.log,
    get ended() {
      return ended;
    },
    ready,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** An environment with the mark of the world that this process makes, if it makes one. */
function marked(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const world = process.env[worldVariable];
  return world === undefined ? environment : { ...environment, [worldVariable]: world };
}

/** The last lines of a text file; an empty text when it cannot be read. */
export async function lastLines(path: string, count = 12): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
