import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { gitText } from "../../actions/lib/git/git.ts";
import { cacheFolder } from "./tools/cache.ts";
import { type CheckRecord, createChecks, insist } from "./checks/checks.ts";
import type { DayKind, DifferenceHits } from "./aws/fidelity/day.ts";
import type { KubeContextOptions } from "./context/context.ts";
import { endProcesses, isDockers, processesOf, removeFolder, takeLock, worldVariable } from "./world/cleanup.ts";
import { deliver } from "./checks/deliveries.ts";
import type { Stop } from "./checks/delivery-checks.ts";
import { createProgress, type Progress, type FinishedStage } from "./progress.ts";
import { failureOf, type CheckOutcome } from "../checks/outcome.ts";
import type { RunRecord } from "./github/runner.ts";
import { checkCalls } from "./permissions/check.ts";
import { listAll, takeAway } from "./teardown.ts";
import { makeWorld } from "./world/world.ts";
import { type World } from "./world/parts.ts";

/** What a rehearsal is asked for. */
export interface RehearsalOptions {
  /** The repository that is rehearsed. */
  source: string;
  until: Stop;
  /** Keep the world's folder: clones, the bare repository, the runner's workspaces. */
  keep: boolean;
  /** A cluster of the person's instead of the one that EKS would start. */
  context?: KubeContextOptions | undefined;
  /**
   * What the apps' names end in: the world has a zone of that name, and an authority that issues certificates. One push is
   * rehearsed then, and no console is told.
   */
  domain?: string | undefined;
  /**
   * A bad day of AWS in a new account: see `differences`. The first push meets a quota that was not raised in time; the next
   * one is delivered, and no further one is rehearsed. A usual day when left out.
   */
  day?: DayKind | undefined;
  /**
   * Called when the first delivery has come to its end and all its checks hold; the world is taken away when it returns.
   * No further push is rehearsed then. The signal aborts when the rehearsal is to end.
   */
  stay?: (world: World, signal: AbortSignal) => Promise<void>;
}

/** How a rehearsal went. */
export interface RehearsalRecord extends CheckOutcome {
  until: Stop;
  /** The rehearsed commit. */
  commit: string;
  milliseconds: number;
  stages: FinishedStage[];
  checks: CheckRecord[];
  /** How often each thing that AWS does and the emulator does not was met, and by whom. */
  met: DifferenceHits;
  runs: RunRecord[];
  /** The folder of all logs. */
  logs: string;
}

/** The jobs of deliver.yml that each stop ends with; everything that they need runs too. */
const lastJobs: Record<Stop, readonly string[] | undefined> = {
  plan: ["plan"],
  build: ["build"],
  infra: ["build", "infra"],
  release: ["release"],
  live: undefined,
  gone: undefined,
};

/**
 * Rehearses the way in a world of its own and takes the world away again, also after a failure or an interrupt.
 *
 * @returns what was seen, with failed checks among it
 * @throws SlipwayError when the world cannot be made, or when a person interrupts
 */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalRecord> {
  const began = Date.now();
  const logs = join(options.source, ".slipway", "rehearsal");
  const folder = await mkdtemp(join(tmpdir(), "slipway-"));
  const interrupt = new AbortController();
  // To leave a world that is up is not a failure.
  const leave = new AbortController();
  let staying = false;
  const onSignal = (signal: NodeJS.Signals) =>
    (staying ? leave : interrupt).abort(new SlipwayError(`Interrupted (${signal}).`));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const progress = createProgress(logs);
  const checks = createChecks((text) => progress.line(text), interrupt.signal);
  let world: World | undefined;
  let failure: Error | undefined;
  const commit = await gitText(options.source, ["rev-parse", "HEAD"]);
  try {
    await using lock = new AsyncDisposableStack();
    if (!options.keep) lock.defer(() => removeFolder(folder));
    lock.use(await takeLock(join(cacheFolder(), "rehearsal.lock"), folder, (text) => progress.line(text)));
    await rm(logs, { recursive: true, force: true });
    await mkdir(logs, { recursive: true });
    process.env[worldVariable] = folder;
    await announce(options, progress, commit, folder);
    const parts = new AsyncDisposableStack();
    try {
      await untilInterrupted(interrupt.signal, folder, async () => {
        const jobs = lastJobs[options.until];
        const signal = interrupt.signal;
        world = await makeWorld(
          {
            source: options.source,
            folder,
            logs,
            progress,
            signal,
            cluster: !["plan", "build"].includes(options.until),
            ...(jobs && { jobs }),
            ...(options.context && { context: options.context }),
            ...(options.domain !== undefined && { domain: options.domain }),
            ...(options.day && { day: options.day }),
          },
          parts,
        );
        const before = options.until === "gone" ? await listAll(world) : [];
        const once = options.stay || options.domain || options.day === "bad";
        await deliver(world, progress, checks, options.until, once ? 1 : undefined);
        if (options.until === "gone" && checks.records.every((check) => check.ok))
          await takeAway(world, progress, checks, before);
        await checkCalls(world, checks, logs);
      });
      staying = true;
      if (options.stay && world && checks.records.every((check) => check.ok)) await options.stay(world, leave.signal);
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
    await progress.stage("taking away", async (stage) => {
      await parts.disposeAsync();
      stage.note(options.keep ? `everything but ${folder}` : "everything");
    });
    if (!failure)
      await checks.check("Nothing is left running", async () => {
        const left = await processesOf(folder);
        insist(left.length === 0, `processes ${left.join(", ")}`);
        return "";
      });
    const { context } = world ?? {};
    if (!failure && context)
      await checks.check(`The cluster of ${context.facts.context} is as it was before`, () => {
        insist(context.same !== undefined, "it was not compared");
        return `${context.same} things, by their names`;
      });
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    Reflect.deleteProperty(process.env, worldVariable);
    progress.end();
  }
  if (failure) throw failure;
  const failures = checks.records.filter((check) => !check.ok).map(({ name, detail }) => failureOf(name, detail));
  return {
    until: options.until,
    commit,
    passed: checks.records.length - failures.length,
    failed: failures.length,
    skipped: 0,
    failures,
    milliseconds: Date.now() - began,
    stages: [...progress.stages],
    checks: [...checks.records],
    met: world?.proxy.day.hits ?? {},
    runs: [...(world?.runner.runs ?? [])],
    logs,
  };
}

/** Says what is rehearsed and where, before anything starts. */
async function announce(options: RehearsalOptions, progress: Progress, commit: string, folder: string): Promise<void> {
  const where = options.context
    ? `on this machine and in the cluster of ${options.context.name}`
    : "on this machine alone";
  progress.line(`Rehearsing ${commit.slice(0, 7)} up to ${options.until}, ${where} (${folder}).`);
  const open = await gitText(options.source, ["status", "--porcelain"]);
  if (open) {
    const count = open.split("\n").length;
    progress.line(`Left out: ${count} uncommitted ${count === 1 ? "change" : "changes"}. Commit to rehearse them.`);
  }
  progress.line();
}

/**
 * Does `work` to its end. When a person interrupts, the world's processes are ended, again and again while `work` still
 * starts some, so that it fails soon and nothing of it goes on behind our back.
 */
async function untilInterrupted(signal: AbortSignal, world: string, work: () => Promise<void>): Promise<void> {
  const state = { settled: false };
  const done = work().finally(() => {
    state.settled = true;
  });
  const interrupted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.race([done, interrupted]);
  if (!signal.aborted) return;
  done.catch(() => {});
  while (!state.settled) {
    // Docker is ended when its containers are gone.
    await endProcesses(world, undefined, isDockers);
    await Promise.race([done.catch(() => {}), sleep(200)]);
  }
  throw signal.reason as Error;
}
