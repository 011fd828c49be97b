import type { AwsResponse, AwsError } from "../proxy/aws-errors.ts";
import type { AwsOperation } from "../proxy/aws-operations.ts";

/** A JSON object. */
export type Fields = Record<string, unknown>;

/** A request to AWS. */
export interface AwsRequest {
  operation: AwsOperation;
  /** Path and query. */
  url: string;
  body: string;
  /** The name of the role that asks; undefined for whoever has none. */
  role?: string | undefined;
  /** The ARN of that role, where STS gave out its session. */
  roleArn?: string | undefined;
  /** What the request says of its program: its `User-Agent`. */
  agent?: string | undefined;
}

/** A request that the emulator has answered. */
export interface Exchange extends AwsRequest {
  answer: AwsResponse;
}

/** One thing in which AWS and the emulator differ, put right between them. */
export interface EmulatorPatch {
  /** Kebab-case, for tests and logs. */
  name: string;
  /** As in IAM: `eks:DescribeCluster`, or `eks:*` for every operation of a service. */
  operations: readonly string[];
  /** Asked first of all. The whole answer, for what the emulator knows nothing of; undefined to go on. */
  answer?(request: AwsRequest): Promise<AwsResponse | undefined>;
  /** Asked before the emulator is. The error with which AWS would refuse; undefined to ask the emulator. */
  refuse?(request: AwsRequest): Promise<AwsError | undefined>;
  /** The answer that AWS would have given; undefined to leave the emulator's as it is. */
  rewrite?(exchange: Exchange): AwsResponse | undefined | Promise<AwsResponse | undefined>;
}

/** Whether a patch is about an operation. */
export function concerns(patch: EmulatorPatch, { service, action }: AwsOperation): boolean {
  return patch.operations.some((name) => name === `${service}:${action}` || name === `${service}:*`);
}

/** Changes the JSON body of an answer that is not an error. */
export function patchJson(answer: AwsResponse, change: (body: Fields) => Fields): AwsResponse | undefined {
  if (answer.status >= 300) return undefined;
  return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body.toString()) as Fields)) };
}
