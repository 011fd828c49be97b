import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { run } from "../../../actions/lib/core/process.ts";

/** A user without rights for programs that refuse to run as root; undefined when we are not root. */
export async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { stdout } = await run("getent", ["passwd", "nobody"]);
  const [, , uid, gid] = stdout.split(":");
  return { uid: Number(uid), gid: Number(gid) };
}

/** A folder of our own, which the unprivileged user may use; removed by `await using`. */
export async function temporaryFolder(name: string): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), `${name}-`));
  const user = await unprivileged();
  if (user) await chown(path, user.uid, user.gid);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

/** A program that a test started. */
export interface Daemon {
  child: ChildProcess;
  /** Everything it printed so far. */
  output(): Promise<string>;
  /** Sends a signal and waits for the end; returns the exit code, null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** How a daemon is started. */
export interface DaemonOptions {
  /** Where its output goes, as a file: some programs reopen /dev/stdout, which a pipe does not allow. */
  log: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  user?: { uid: number; gid: number } | undefined;
}

/** Starts a program that keeps running. It ends with this process at the latest. */
export async function startDaemon(command: string, args: string[], options: DaemonOptions): Promise<Daemon> {
  const log = await open(options.log, "a");
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", log.fd, log.fd],
    ...options.user,
  });
  const ended = once(child, "exit");
  const onExit = () => child.kill("SIGKILL");
  process.on("exit", onExit);
  await once(child, "spawn");
  await log.close();
  return {
    child,
    output: () => readFile(options.log, "utf8"),
    async stop(signal = "SIGTERM") {
      process.off("exit", onExit);
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await ended;
      }
      return child.exitCode;
    },
  };
}

/**
 * Waits until an attempt succeeds.
 *
 * @param attempt throws as long as it is too early
 * @param timeout milliseconds; 20 s when left out
 * @throws the attempt's last error
 */
export async function eventually<T>(attempt: () => T | Promise<T>, timeout = 20_000): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;)
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(50);
    }
}
