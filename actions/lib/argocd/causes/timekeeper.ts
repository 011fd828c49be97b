import type { Serving } from "../app-pods.ts";
import type { Judgement } from "../judgement.ts";
import type { Cause } from "./causes.ts";
import { oneLine } from "./events.ts";
import { Patience } from "./patience.ts";

/** Tells what holds apps back, and fails those that it holds back for too long. */
export class Timekeeper {
  readonly #options: { log: (line: string) => void; wake: () => void };
  readonly #apps = new Map<string, Patience>();
  readonly #told = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #end = Infinity;

  /** @param options `wake`: called when time alone may have changed a judgement, which is then to be made again */
  constructor(options: { log: (line: string) => void; wake: () => void }) {
    this.#options = options;
  }

  /** @returns the judgement of the app, or its failure where a cause has outlasted its patience */
  judge(app: string, judgement: Judgement): Judgement {
    const patience = this.#apps.get(app) ?? new Patience();
    this.#apps.set(app, patience);
    const { spent, news, next } = patience.look(judgement.state === "waiting" ? judgement.causes : []);
    for (const { what } of news) this.#options.log(`${app}: ${what}`);
    if (next !== undefined) this.#wakeIn(next);
    return judgement.state === "waiting" && spent ? failedBy(spent, judgement.serving) : judgement;
  }

  /** Tells what others say, unless it was told before. */
  tellOnce(text: string): void {
    const line = oneLine(text);
    if (!this.#told.has(line)) this.#options.log(line);
    this.#told.add(line);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wakeIn(milliseconds: number): void {
    const at = Date.now() + milliseconds;
    if (at >= this.#end) return;
    clearTimeout(this.#timer);
    this.#end = at;
    this.#timer = setTimeout(() => {
      this.#end = Infinity;
      this.#options.wake();
    }, milliseconds);
  }
}

/** The failure of an app whose cause has lasted for longer than its patience. */
export function failedBy(cause: Cause, serving: Serving[]): Extract<Judgement, { state: "failed" }> {
  const { object, what, reason, patience = 0 } = cause;
  const { kind, namespace, name } = object;
  const pod = {
    pod: { namespace, name },
    container: undefined,
    reason: "not-ready",
    what,
    previousLog: false,
  } as const;
  const time = patience < 120 ? `${patience} seconds` : `${patience / 60} minutes`;
  return {
    state: "failed",
    reason: reason ?? "degraded",
    what: `${what}. That has lasted for ${time}, which is longer than it takes to come right by itself.`,
    problem: kind === "Pod" ? pod : undefined,
    serving,
  };
}
