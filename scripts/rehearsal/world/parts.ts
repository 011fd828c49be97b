import type { AccountOwner } from "../aws/account.ts";
import type { Emulator } from "../aws/emulator/emulator.ts";
import type { DayKind } from "../aws/fidelity/day.ts";
import type { Proxy } from "../aws/proxy/proxy.ts";
import type { Clusters } from "../cluster/clusters.ts";
import type { KubeContext, KubeContextOptions } from "../context/context.ts";
import type { Docker } from "../docker/docker.ts";
import type { GitServer, Push } from "../github/git-server.ts";
import type { GitHubServer } from "../github/github.ts";
import type { TokenIssuer } from "../github/identity.ts";
import type { Runner } from "../github/runner.ts";
import type { Person } from "./person.ts";
import type { Progress } from "../progress.ts";
import type { WorldNames } from "./names.ts";

/** What a rehearsal runs in: every part of the way, on this machine. */
export interface World {
  /** The folder of everything that goes with it; nobody else may look into it. */
  readonly folder: string;
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly branch: string;
  readonly docker: Docker;
  readonly emulator: Emulator;
  readonly proxy: Proxy;
  readonly github: GitHubServer;
  readonly server: GitServer;
  readonly person: Person;
  readonly owner: AccountOwner;
  readonly runner: Runner;
  /** Called at the end of each push of the person, when everything that it started has ended. */
  readonly afterPush: { current?: (push: Push) => Promise<void> };
  readonly identity: TokenIssuer;
  /** The person's own cluster that stands for the one that EKS starts, where there is one. */
  readonly context: KubeContext | undefined;
  /** The clusters that EKS has started; undefined where the world has none. */
  readonly clusters: Clusters | undefined;
  /** What the apps are called, where the environment has a domain. */
  readonly names: WorldNames | undefined;
  /** Every Terraform process that the runner started, by its arguments, in order. */
  readonly terraformLog: string;
}

/** What a world is made of. */
export interface WorldOptions {
  /** The repository that is rehearsed; its committed state counts. */
  source: string;
  /** The world's folder. */
  folder: string;
  /** The folder for logs, which stays. */
  logs: string;
  progress: Progress;
  /** The last jobs that the runner does, with everything that they need; all when left out. */
  jobs?: readonly string[];
  /** Whether EKS starts clusters that run; without it a cluster is only a record. */
  cluster: boolean;
  /** A cluster of the person's instead of the one that EKS would start. */
  context?: KubeContextOptions;
  /** What the apps' names end in; without it they have none. */
  domain?: string;
  /** Whether AWS has a bad day; a usual one when left out. */
  day?: DayKind;
  /** Ends what runs when it aborts. */
  signal: AbortSignal;
}
