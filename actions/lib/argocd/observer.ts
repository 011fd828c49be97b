import { SlipwayError } from "../core/errors.ts";
import { Unreachable } from "../gitops/failures.ts";
import type { ReleasedApp } from "../gitops/released.ts";
import { type Kubernetes, KubernetesError } from "../kubernetes/kubernetes.ts";
import type { Named } from "../kubernetes/objects.ts";
import { type Application, applicationsPath, argocdNamespace, complaintsOfSet } from "./application.ts";
import { type ClusterEvent, eventFilters, EventIndex, eventsPath } from "./causes/events.ts";
import { Timekeeper } from "./causes/timekeeper.ts";
import { type Judgement, judge, type RevisionFacts, stageOf } from "./judgement.ts";
import { refreshApplicationSets, refreshApplications } from "./refresh.ts";
import { ClusterIndex, type ClusterObjects, objectKinds, objectPaths, objectQuery, readObjects } from "./objects.ts";

/** What is to be observed, and how. */
export interface ObserverOptions {
  kubernetes: Kubernetes;
  /** The commit that has to be live. */
  commit: string;
  apps: readonly ReleasedApp[];
  /** What git says about a commit for an app; Unreachable when it is to be asked again. */
  factsOf: (app: ReleasedApp, revision: string) => Promise<RevisionFacts>;
  /** Ends the observation, at the deadline for example. */
  signal: AbortSignal;
  /** Called with one line at each change of an app's stage. */
  log: (line: string) => void;
}

/** How an observation ended. */
export interface ObserverResult {
  /** `settled`: every app is proven or superseded; `failed`: one has failed; `stopped` by the signal before. */
  outcome: "settled" | "failed" | "stopped";
  /** By app: what was seen of it last; absent where nothing was seen. */
  apps: Map<string, AppState>;
}

/** What was seen of an app, and what that means. */
export interface AppState {
  application: Application | undefined;
  judgement: Judgement;
}

/** Applications that lag behind git are asked to look again this often, in milliseconds: Argo CD may have failed to. */
const askAgain = 15_000;
/** Git is asked again after this time where it did not answer. */
const lookAgain = 2_000;
/** What was not as the watches had it is read again after this time. */
const confirmAgain = 500;
/** Minimum time between two messages that the cluster does not answer. */
const quiet = 30_000;

/**
 * Watches Applications and what they run until every app is proven or superseded, one has failed, or the signal aborts.
 * Reads what there is first; nothing is polled. What settles the matter is read once more from the API itself, since
 * one watch may be behind another.
 *
 * @throws SlipwayError with reason `no-argocd`; KubernetesError when the cluster refuses
 */
export function observe(options: ObserverOptions): Promise<ObserverResult> {
  return new Observer(options).run();
}

class Observer {
  readonly #options: ObserverOptions;
  readonly #end = Promise.withResolvers<ObserverResult["outcome"]>();
  readonly #stop = new AbortController();
  readonly #facts = new Map<string, RevisionFacts | "asked">();
  readonly #stages = new Map<string, string>();
  #applications: ReadonlyMap<string, Application> | undefined;
  #objects: Partial<ClusterObjects> = {};
  /** By filter. What is not listed yet explains nothing, and is not waited for. */
  readonly #events = new Map<string, ReadonlyMap<string, ClusterEvent>>();
  readonly #timekeeper: Timekeeper;
  #states = new Map<string, AppState>();
  #scheduled = false;
  #confirming = false;
  #complained = 0;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#timekeeper = new Timekeeper({ log: options.log, wake: () => this.#changed() });
  }

  async run(): Promise<ObserverResult> {
    const { signal } = this.#options;
    const stopped = () => this.#end.resolve("stopped");
    if (signal.aborted) stopped();
    signal.addEventListener("abort", stopped);
    const follows = [
      this.#followApplications(),
      ...objectKinds.map((kind) => this.#followObjects(kind)),
      ...eventFilters.map((filter) => this.#followEvents(filter)),
    ];
    for (const each of follows) each.catch((error: unknown) => this.#end.reject(error));
    const timer = setInterval(() => this.#ask(this.#laggards()), askAgain);
    try {
      const outcome = await this.#end.promise;
      return { outcome, apps: this.#states };
    } finally {
      clearInterval(timer);
      this.#timekeeper.stop();
      signal.removeEventListener("abort", stopped);
      this.#stop.abort();
      await Promise.allSettled(follows);
    }
  }

  async #followApplications(): Promise<void> {
    const { kubernetes, apps, commit } = this.#options;
    await kubernetes
      .follow<Application>(applicationsPath, {
        signal: this.#stop.signal,
        onTrouble: (error) => this.#complain(error),
        onChange: (items) => {
          const first = this.#applications === undefined;
          this.#applications = items;
          this.#changed();
          // At first all that are not at the commit, before git has said how they stand to it.
          if (first)
            this.#ask(
              apps.map(({ app }) => app).filter((app) => this.#application(app)?.status?.sync?.revision !== commit),
            );
        },
      })
      .catch((error: unknown) => {
        throw error instanceof KubernetesError && error.status === 404
          ? noArgocd("the cluster knows no Applications")
          : error;
      });
  }

  #followObjects(kind: keyof ClusterObjects): Promise<void> {
    return this.#follow(objectPaths[kind], objectQuery.fieldSelector, (items) => {
      this.#objects = { ...this.#objects, [kind]: items };
    });
  }

  #followEvents(filter: string): Promise<void> {
    return this.#follow<ClusterEvent>(eventsPath, `${filter},${objectQuery.fieldSelector}`, (items) => {
      this.#events.set(filter, items);
    });
  }

  #follow<T extends Named>(
    path: string,
    fieldSelector: string,
    keep: (items: ReadonlyMap<string, T>) => void,
  ): Promise<void> {
    return this.#options.kubernetes.follow<T>(path, {
      query: { fieldSelector },
      signal: this.#stop.signal,
      onTrouble: (error) => this.#complain(error),
      onChange: (items) => {
        keep(items);
        this.#changed();
      },
    });
  }

  #application(app: string): Application | undefined {
    return this.#applications?.get(`${argocdNamespace}/${app}`);
  }

  /** One judgement for all events that arrive together. */
  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#judge();
    });
  }

  #judge(): void {
    const { pods, deployments, replicaSets, statefulSets } = this.#objects;
    if (!this.#applications || !pods || !deployments || !replicaSets || !statefulSets) return;
    this.#states = this.#judgeAll({ pods, deployments, replicaSets, statefulSets });
    for (const [app, { judgement }] of this.#states) this.#report(app, judgement);
    if (outcomeOf(this.#states) && !this.#confirming) void this.#confirm();
  }

  #judgeAll(objects: ClusterObjects): Map<string, AppState> {
    const index = new ClusterIndex(objects);
    const events = new EventIndex([...this.#events.values()].flatMap((each) => [...each.values()]));
    const { apps, commit } = this.#options;
    return new Map(
      apps.map((wanted) => {
        const { app, images } = wanted;
        const application = this.#application(app);
        const factsOf = (revision: string) => this.#factsOf(wanted, revision);
        const judgement = judge({ app, commit, images, application, index, events, factsOf });
        return [app, { application, judgement: this.#timekeeper.judge(app, judgement) }];
      }),
    );
  }

  async #confirm(): Promise<void> {
    this.#confirming = true;
    try {
      const states = this.#judgeAll(await readObjects(this.#options.kubernetes));
      const outcome = outcomeOf(states);
      if (outcome) {
        this.#states = states;
        this.#end.resolve(outcome);
      }
    } catch (error) {
      if (error instanceof KubernetesError && error.transient) this.#complain(error);
      else this.#end.reject(error);
    }
    // Not so after all: a watch that is behind will tell, or has told meanwhile.
    setTimeout(() => {
      this.#confirming = false;
      this.#changed();
    }, confirmAgain).unref();
  }

  #factsOf(app: ReleasedApp, revision: string): RevisionFacts | undefined {
    if (revision === this.#options.commit) return { contains: true, carries: true };
    const key = `${app.app} ${revision}`;
    const known = this.#facts.get(key);
    if (known === undefined) {
      this.#facts.set(key, "asked");
      this.#options.factsOf(app, revision).then(
        (facts) => {
          this.#facts.set(key, facts);
          this.#changed();
        },
        (error: unknown) => {
          if (!(error instanceof Unreachable)) this.#end.reject(error);
          setTimeout(() => {
            this.#facts.delete(key);
            this.#changed();
          }, lookAgain).unref();
        },
      );
    }
    return known === "asked" ? undefined : known;
  }

  #report(app: string, judgement: Judgement): void {
    if (judgement.state === "failed") return; // said by who asked, with its reasons
    const asking = [...this.#facts].some(([key, facts]) => facts === "asked" && key.startsWith(`${app} `));
    const stage = stageOf(judgement);
    if (asking || this.#stages.get(app) === stage) return;
    this.#stages.set(app, stage);
    this.#options.log(`${app} ${stage}`);
  }

  #complain(error: KubernetesError): void {
    if (Date.now() - this.#complained < quiet) return;
    this.#complained = Date.now();
    this.#options.log(`The cluster does not answer and is asked again: ${error.message}`);
  }

  #laggards(): string[] {
    return [...this.#states].flatMap(([app, { judgement }]) =>
      judgement.state === "waiting" && judgement.stale ? [app] : [],
    );
  }

  #ask(names: readonly string[]): void {
    const there = names.filter((app) => this.#application(app) !== undefined);
    const missing = there.length < names.length;
    const asked = [
      refreshApplications(this.#options.kubernetes, there),
      ...(missing ? [this.#askForApplications()] : []),
    ];
    for (const each of asked)
      each.catch((error: unknown) => {
        if (!(error instanceof KubernetesError && error.transient)) this.#end.reject(error);
      });
  }

  async #askForApplications(): Promise<void> {
    const sets = await refreshApplicationSets(this.#options.kubernetes);
    for (const complaint of sets.flatMap(complaintsOfSet)) this.#timekeeper.tellOnce(complaint);
    if (sets.length === 0 && this.#applications?.size === 0)
      throw noArgocd("it has neither Applications nor ApplicationSets");
  }
}

/** What the states come to; nothing while something may still come right. */
function outcomeOf(states: ReadonlyMap<string, AppState>): "settled" | "failed" | undefined {
  const all = [...states.values()].map(({ judgement }) => judgement.state);
  if (all.includes("failed")) return "failed";
  return all.includes("waiting") ? undefined : "settled";
}

function noArgocd(why: string): SlipwayError {
  return new SlipwayError(`Argo CD is not installed: ${why}.`, {
    next: 'The job "infra" installs it, from gitops/bootstrap.',
    reason: "no-argocd",
  });
}
