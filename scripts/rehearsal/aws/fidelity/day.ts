import type { AwsRequest } from "../emulator/patch.ts";

/**
 * What AWS does and the emulator does not, by kind. The first five are so on every day and cost no time. The others make
 * time, or fail what is not prepared for them: they are played on a bad day only.
 */
export const differences = [
  "find-service-role",
  "start-in-callers-name",
  "tag-on-create",
  "dependency",
  "vcpu-quota",
  "missing-service-role",
  "key-tags",
  "fresh-resource",
  "fresh-role",
  "role-not-assumable",
  "request-limit",
] as const;

/** One of `differences`. */
export type Difference = (typeof differences)[number];

/** Whether AWS has a usual day, or a bad one in a new account. */
export type DayKind = "usual" | "bad";

/** How often each difference was met, by who met it: for example `{ dependency: { Terraform: 3 } }`. */
export type DifferenceHits = Partial<Record<Difference, Record<string, number>>>;

/** Who asks, by what SDKs say of themselves. */
const agents: readonly [RegExp, string][] = [
  [/terraform/i, "Terraform"],
  [/aws-sdk-js/i, "SDK for JavaScript"],
];

/** The day that AWS has, and what was met on it. */
export class AwsDay {
  readonly bad: boolean;
  readonly #hits: DifferenceHits = {};

  constructor(kind: DayKind = "usual") {
    this.bad = kind === "bad";
  }

  /** Counts: somebody has met a difference. */
  hit(difference: Difference, { agent = "" }: Pick<AwsRequest, "agent">): void {
    const who = agents.find(([pattern]) => pattern.test(agent))?.[1] ?? "others";
    const counts = (this.#hits[difference] ??= {});
    counts[who] = (counts[who] ?? 0) + 1;
  }

  /** A copy of what was met so far. */
  get hits(): DifferenceHits {
    return structuredClone(this.#hits);
  }
}
