import type { Reporter } from "../../terraform/report.ts";
import type { ImagePolicy, VolumePolicy } from "../policies.ts";
import type { Environment } from "../environment.ts";

/** An environment on its way down. */
export interface Teardown {
  environment: Environment;
  /** As each volume's own reclaim policy says when left out; one that is to be retained is refused then. */
  volumes: VolumePolicy | undefined;
  images: ImagePolicy;
  /** The checkout's path, for Terraform. */
  repository: string;
  /** What the checkout can build. */
  discovered: readonly string[];
  /** Gives a Terraform that serves; called only where there is something to destroy. */
  terraform: () => Promise<string>;
  report: Reporter;
  /** Ends the waiting; Terraform listens by itself. */
  signal: AbortSignal;
  /** Where Terraform's signals come from; this process when left out. */
  signals?: NodeJS.EventEmitter;
}

/** Something that a stage still waits for. */
export interface Remaining {
  /** What it is, such as `Application`, `network interface`. */
  kind: string;
  name: string;
  /** What is known of why it is still there: a finalizer, a pod, a state. */
  why?: string;
  /** What a person can do about it. */
  next?: string;
}

/** How a stage goes down. */
export interface Down {
  /** From then on it has failed. */
  minutes: number;
  /** What AWS and Kubernetes show when it is done. */
  doneWhen: string;
  /** Looks, and throws where something has to be decided first; called for all stages before anything is changed. */
  refuse?(teardown: Teardown): Promise<void>;
  /** Secures what later could not be repaired; called for all stages before the first goes down. */
  prepare?(teardown: Teardown): Promise<void>;
  /** Looks, and changes nothing. Empty: it is done. @throws what kept it from looking: that is never "gone" */
  remaining(teardown: Teardown): Promise<Remaining[]>;
  /**
   * Asks for all that may be asked for now, and does not wait for it, Terraform's work excepted. Called again and again
   * with what is left, so whatever comes back goes again.
   *
   * @param minutes until the stage's deadline
   */
  act(teardown: Teardown, remaining: readonly Remaining[], minutes: number): Promise<void>;
}
