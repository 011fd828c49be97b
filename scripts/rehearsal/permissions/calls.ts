import type { IncomingHttpHeaders } from "node:http";
import type { AwsOperation } from "../aws/proxy/aws-operations.ts";
import type { AwsRequest, EmulatorPatch } from "../aws/emulator/patch.ts";
import { type Caller, Callers } from "./callers.ts";
import { type Parameters, parametersOf } from "./parameters.ts";
import { type Thing, ThingReader } from "./reader.ts";

/** A call to AWS of a role. */
export interface AwsCall {
  /** The role's name. */
  role: string;
  operation: AwsOperation;
  parameters: Parameters;
  /** What it names by number, as that was before the call. */
  things: readonly Thing[];
}

/** Keeps what the proxy sees of roles: each call once, however often it was made. */
export class Calls {
  readonly #calls = new Map<string, AwsCall>();
  readonly #callers: Callers;
  readonly #reader: ThingReader;

  /**
   * @param upstream the emulator's address
   * @param sessions the roles of access keys that STS has not given out, in a test that takes on no role
   */
  constructor(upstream: string, sessions?: Readonly<Record<string, string>>) {
    this.#callers = new Callers(sessions);
    this.#reader = new ThingReader(upstream);
  }

  get all(): readonly AwsCall[] {
    return [...this.#calls.values()];
  }

  /** Who makes a request. */
  callerOf(headers: IncomingHttpHeaders): Caller {
    return this.#callers.callerOf(headers);
  }

  /** What has to be asked about each answer. */
  patch(): EmulatorPatch {
    return this.#callers.patch();
  }

  /**
   * Writes a call down, before it is answered. A request of nobody's is passed over.
   *
   * @param patches those that are about it
   */
  async note(asked: AwsRequest, patches: readonly EmulatorPatch[]): Promise<void> {
    const { role, operation } = asked;
    if (role === undefined || operation.service === "sts") return;
    const parameters = parametersOf(asked);
    const key = JSON.stringify([role, operation.service, operation.action, parameters]);
    if (this.#calls.has(key)) return;
    const call: AwsCall = { role, operation, parameters, things: [] };
    this.#calls.set(key, call);
    this.#calls.set(key, { ...call, things: await this.#reader.thingsOf(asked, parameters, patches) });
  }
}
