import { type AwsError, type CommonFailure, commonError } from "./aws-errors.ts";
import type { AwsOperation } from "./aws-operations.ts";

/** What happens to a request that a fault is for. */
export type FaultKind =
  | { kind: CommonFailure }
  /** EC2's refusal to delete what something else still uses. */
  | { kind: "dependency-violation"; resource?: string }
  /** Any other error. */
  | { kind: "code"; code: string; status?: number; message?: string }
  /** The answer comes, but later. */
  | { kind: "delay"; milliseconds: number }
  /** The connection breaks: before the request has done anything, or after, when only its answer is lost. */
  | { kind: "reset"; after?: boolean };

/** A fault to inject, and into which requests. */
export type AwsFault = FaultKind & {
  /** The service's name in signatures, for example `ec2`; `registry` for image pushes and pulls. */
  service: string;
  /** The operation; every one of the service when left out. */
  action?: string;
  /** How many requests it hits; all when left out. */
  times?: number;
  /** How many requests it lets pass first; none when left out. */
  skip?: number;
  /** Decides by the request itself, or by the state of something else; asked only when the rest fits. */
  when?: (operation: AwsOperation, body: string) => boolean | Promise<boolean>;
};

/** What a fault makes of one request. */
export type FaultEffect =
  | { effect: "error"; error: AwsError }
  | { effect: "delay"; milliseconds: number }
  | { effect: "reset"; after: boolean };

/** The faults of one proxy. The first one that fits a request is the one that hits it. */
export class AwsFaults {
  readonly #active: { fault: AwsFault; skip: number; left: number; hits: number }[] = [];

  /**
   * Adds a fault.
   *
   * @returns how often it has hit; disposing of it takes it away
   */
  add(fault: AwsFault): Disposable & { readonly hits: number } {
    const entry = { fault, skip: fault.skip ?? 0, left: fault.times ?? Number.POSITIVE_INFINITY, hits: 0 };
    this.#active.push(entry);
    return {
      get hits() {
        return entry.hits;
      },
      [Symbol.dispose]: () => {
        const index = this.#active.indexOf(entry);
        if (index >= 0) this.#active.splice(index, 1);
      },
    };
  }

  /** Takes all faults away. */
  clear(): void {
    this.#active.length = 0;
  }

  /** Whether a fault could be for this operation, so that its body has to be at hand. */
  concern(operation: AwsOperation): boolean {
    return this.#active.some(({ fault }) => isFor(fault, operation));
  }

  /** What happens to a request; counts as a hit. */
  async strike(operation: AwsOperation, body: string): Promise<FaultEffect | undefined> {
    for (const entry of [...this.#active]) {
      const { fault } = entry;
      if (entry.left === 0 || !isFor(fault, operation)) continue;
      if (fault.when && !(await fault.when(operation, body))) continue;
      // Another request may have used it up while its condition was asked.
      if (entry.left === 0) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      entry.hits += 1;
      return effectOf(fault, operation);
    }
    return undefined;
  }
}

function isFor(fault: AwsFault, { service, action }: AwsOperation): boolean {
  return fault.service === service && (fault.action === undefined || fault.action === action);
}

function effectOf(fault: FaultKind, operation: AwsOperation): FaultEffect {
  switch (fault.kind) {
    case "delay":
      return { effect: "delay", milliseconds: fault.milliseconds };
    case "reset":
      return { effect: "reset", after: fault.after ?? false };
    case "dependency-violation": {
      const message = `resource ${fault.resource ?? operation.action} has dependent objects and cannot be deleted.`;
      return { effect: "error", error: { code: "DependencyViolation", message, status: 400 } };
    }
    case "code": {
      const { code, status = 400, message = `Injected: ${code}` } = fault;
      return { effect: "error", error: { code, status, message } };
    }
    default:
      return { effect: "error", error: commonError(fault.kind, operation) };
  }
}
