import { once } from "node:events";
import { join } from "node:path";
import type { ClusterInspector } from "../cluster/inspector.ts";
import { rehearse, type RehearsalRecord } from "../rehearsal.ts";
import type { RunRecord } from "../github/runner.ts";
import type { World } from "../world/parts.ts";
import { inspectorOf } from "./checks.ts";

/** A world in which the first delivery is live, for tests. */
export interface LiveWorld extends AsyncDisposable {
  readonly world: World;
  readonly inspector: ClusterInspector;
  /**
   * Changes files in the person's clone, commits and pushes, and waits for the end of what the push starts.
   *
   * @param changes what becomes of each file, by its path
   * @returns the run, or undefined when the push started none
   */
  push: (message: string, changes: Record<string, (text: string) => string>) => Promise<RunRecord | undefined>;
}

/** A shell's exit code for a program that SIGINT has ended. */
const interruptedExit = 130;

/** Makes a world and delivers to it. @throws when the first delivery fails, naming the checks that did not hold */
export async function liveWorld(): Promise<LiveWorld> {
  const source = join(import.meta.dirname, "..", "..", "..");
  const { promise: done, resolve: finish } = Promise.withResolvers<undefined>();
  const { promise: ready, resolve: isReady } = Promise.withResolvers<World>();
  let interrupted = false;
  const rehearsal = rehearse({
    source,
    until: "live",
    keep: false,
    async stay(world, signal) {
      isReady(world);
      await Promise.race([done, once(signal, "abort")]);
      interrupted = signal.aborted;
    },
  });
  // Whoever works in the world would wait for what is not there any more.
  void rehearsal.then(() => interrupted && process.exit(interruptedExit)).catch(() => {});
  const failed = rehearsal.then((record) => {
    throw new Error(failures(record));
  });
  failed.catch(() => {});
  const world = await Promise.race([ready, failed]);
  const push: LiveWorld["push"] = async (message, changes) => {
    await world.person.pull();
    for (const [path, change] of Object.entries(changes)) await world.person.edit(path, change);
    return pushed(world, await world.person.commit(message));
  };
  return {
    world,
    inspector: await inspectorOf(world),
    push,
    async [Symbol.asyncDispose]() {
      finish(undefined);
      await rehearsal;
    },
  };
}

async function pushed(world: World, commit: string): Promise<RunRecord | undefined> {
  await world.person.push((line) => process.stderr.write(`${line}\n`));
  return world.runner.runs.find((run) => run.commit === commit);
}

function failures({ checks }: RehearsalRecord): string {
  const wrong = checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
  return `The first delivery is not live.\n${wrong.join("\n")}`;
}
