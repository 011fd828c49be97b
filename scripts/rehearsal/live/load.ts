import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../actions/lib/core/errors.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { get } from "./checks.ts";
import { ensureSystemPackages } from "../tools/system.ts";

/** What a load generator saw. */
export interface LoadResult {
  requests: number;
  /** Answers that were no success, and connections that broke. */
  failed: number;
}

/**
 * Sends requests for some seconds with wrk, each connection one after the other, while `work` is done.
 *
 * @param seconds at least as long as `work` and its consequences last
 * @param headers of each request, which may be secret
 */
export async function underLoad(
  url: string,
  seconds: number,
  work: () => Promise<unknown>,
  headers: Readonly<Record<string, string>> = {},
): Promise<LoadResult> {
  const { wrk } = await ensureSystemPackages(["wrk"]);
  const folder = await mkdtemp(join(tmpdir(), "slipway-load-"));
  try {
    // In a file, and not among the arguments, which every process can read.
    const script = join(folder, "headers.lua");
    const lines = Object.entries(headers).map(([name, value]) => `wrk.headers[${lua(name)}] = ${lua(value)}`);
    await writeFile(script, lines.join("\n"), { mode: 0o600 });
    const args = ["--threads=1", "--connections=20", `--duration=${seconds}s`, "--timeout=10s", `--script=${script}`];
    const [{ stdout }] = await Promise.all([run(wrk, [...args, url], { timeout: (seconds + 30) * 1000 }), work()]);
    return readLoad(stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A text as Lua reads it; of what JSON escapes otherwise, no header has any. */
const lua = (text: string) => JSON.stringify(text);

/** Reads wrk's report (https://github.com/wg/wrk); it leaves out the lines of failures when there are none. */
export function readLoad(report: string): LoadResult {
  const requests = Number(/(\d+) requests in /.exec(report)?.[1]);
  if (!(requests > 0)) throw new Error(`wrk sent nothing:\n${report}`);
  const answers = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report) ?? [];
  return { requests, failed: answers + sockets.slice(1).reduce((sum, each) => sum + Number(each), 0) };
}

/**
 * Asks for a page again and again while `work` is done, too seldom to make an autoscaler act.
 *
 * @returns how often, and what did not succeed
 */
export async function gently(
  url: string,
  work: () => Promise<unknown>,
): Promise<{ requests: number; failures: string[] }> {
  const state = { done: false, requests: 0 };
  const failures: string[] = [];
  const asking = (async () => {
    while (!state.done) {
      state.requests += 1;
      await get(url).catch((error: unknown) => failures.push(messageOf(error)));
      await sleep(20);
    }
  })();
  await work().finally(() => (state.done = true));
  await asking;
  return { requests: state.requests, failures };
}

/** Does `count` pieces of work at once. */
export async function atOnce<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)));
}
