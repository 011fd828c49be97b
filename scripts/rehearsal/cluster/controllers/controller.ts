import { setTimeout as sleep } from "node:timers/promises";
import { explain, messageOf } from "../../../../actions/lib/core/errors.ts";
import type { Kubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";

/** One change that a controller is about to make, in the cluster or in AWS. */
export interface ControllerStep {
  /** The controller's name. */
  controller: string;
  /** What it does, for example `CreateLoadBalancer`. */
  action: string;
  /** The object that it does it for, for example `notes/nginx`. */
  object: string;
}

/** How a controller is started. */
export interface ControllerOptions {
  name: string;
  kubernetes: Kubernetes;
  /** Gets a line for each step and each failure. */
  log: (line: string) => void;
  /** Called before each step; a test stops the controller in it, or lets it wait or fail. */
  before?: ((step: ControllerStep) => void | Promise<void>) | undefined;
}

/** What a step throws when its controller was stopped. */
export class ControllerStopped extends Error {}

/** Makes one change. @throws ControllerStopped instead, when the controller was stopped */
export type MakeStep = <T>(action: string, act: () => Promise<T>) => Promise<T>;

/** One kind of object that a controller takes care of. */
export interface WatchedKind {
  /** The API path that lists it. */
  path: string;
  /**
   * Brings the world to what one object asks for. It looks at what is there and never at what it did before, so that
   * another controller can go on where this one was stopped. It is never called twice at once for one object, again
   * whenever the object changes, and again after a pause when it fails.
   *
   * @param key `namespace/name`, or `name` where the kind has no namespaces; the object may be gone
   */
  reconcile: (key: string, step: MakeStep) => Promise<void>;
}

/** A running controller. */
export interface Controller {
  /** Ends it as a kill would: after the step that it is in. What it made stays. Safe to call twice. */
  stop(): Promise<void>;
}

/** The pauses of Kubernetes' own controllers grow to minutes; nobody waits for these in a rehearsal. */
const longestPause = 5_000;

/** Starts a controller: it follows its kinds and takes care of each object until it is stopped. */
export function startController(options: ControllerOptions, kinds: readonly WatchedKind[]): Controller {
  const stopping = new AbortController();
  const ended = Promise.all(kinds.map((kind) => control(options, kind, stopping.signal)));
  return {
    async stop() {
      stopping.abort();
      // A step that waits for a server which has gone away is not waited for.
      await Promise.race([ended, sleep(longestPause, undefined, { ref: false })]);
    },
  };
}

async function control(options: ControllerOptions, kind: WatchedKind, signal: AbortSignal): Promise<void> {
  const { name, kubernetes, log, before } = options;
  const queue = new Queue(signal, {
    work: (key) =>
      kind.reconcile(key, async (action, act) => {
        if (!signal.aborted) await before?.({ controller: name, action, object: key });
        if (signal.aborted) throw new ControllerStopped(`${name} was stopped before ${action} for ${key}.`);
        log(`${name}: ${action} for ${key}`);
        return act();
      }),
    onFailure: (key, error) => log(`${name}: ${key}: ${messageOf(error)}`),
  });
  let seen = new Map<string, string | undefined>();
  while (!signal.aborted) {
    try {
      await kubernetes.follow(kind.path, {
        signal,
        onChange(items) {
          for (const [key, { metadata }] of items) if (seen.get(key) !== metadata.resourceVersion) queue.add(key);
          for (const key of seen.keys()) if (!items.has(key)) queue.add(key);
          seen = new Map([...items].map(([key, { metadata }]) => [key, metadata.resourceVersion]));
        },
      });
    } catch (error) {
      log(`${name}: ${explain(error)}`);
      await sleep(longestPause, undefined, { signal }).catch(() => {});
    }
  }
  await queue.idle();
}

/** Work by key: one key's in turn, different keys' at once, and again after a pause where it fails. */
export class Queue {
  readonly #signal: AbortSignal;
  readonly #does: { work: (key: string) => Promise<void>; onFailure: (key: string, error: unknown) => void };
  readonly #keys = new Map<string, { again: boolean; done: Promise<void> }>();

  /** @param signal ends everything when aborted */
  constructor(
    signal: AbortSignal,
    does: { work: (key: string) => Promise<void>; onFailure: (key: string, error: unknown) => void },
  ) {
    this.#signal = signal;
    this.#does = does;
  }

  /** Asks for a key's work; what is being worked on is worked on once more afterwards. */
  add(key: string): void {
    const known = this.#keys.get(key);
    if (known) {
      known.again = true;
      return;
    }
    const entry = { again: true, done: Promise.resolve() };
    this.#keys.set(key, entry);
    entry.done = this.#workOn(key, entry);
  }

  /** Resolves when nothing is being worked on. */
  async idle(): Promise<void> {
    await Promise.all([...this.#keys.values()].map(({ done }) => done));
  }

  async #workOn(key: string, entry: { again: boolean }): Promise<void> {
    const stopped = () => this.#signal.aborted;
    for (let pause = 100; entry.again && !stopped();) {
      entry.again = false;
      try {
        await this.#does.work(key);
        pause = 100;
      } catch (error) {
        if (stopped()) break;
        this.#does.onFailure(key, error);
        await sleep(pause, undefined, { signal: this.#signal }).catch(() => {});
        pause = Math.min(pause * 2, longestPause);
        entry.again = true;
      }
    }
    // In the same turn as the loop's last look at `again`, so that no call to `add` falls between.
    this.#keys.delete(key);
  }
}
