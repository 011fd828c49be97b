import type { AwsCredentialProvider } from "../aws.ts";
import type { Billable } from "../prices.ts";

/** Where to look for what is left of an environment. */
export interface Scope {
  project: string;
  environment: string;
  account: string;
  region: string;
  credentials: AwsCredentialProvider;
  /** The name of the environment's cluster, whether it is there or not. */
  clusterName: string;
  /** The ids of its VPCs that are known, also of those that are gone. */
  vpcs: readonly string[];
  /** Why the images in ECR stay; undefined where they go with the environment. */
  imagesStay: string | undefined;
}

/** Something in AWS that belongs to an environment. */
export interface Resource {
  kind: string;
  /** Its ARN. */
  id: string;
  /** As its service names it. */
  name: string;
  /** What of it is billed; empty for what is free. */
  billables: Billable[];
  /** Why it costs nothing and goes by itself, as a key that waits for its deletion. */
  residual?: string;
  /** Why it is kept on purpose. */
  kept?: string;
  facts: Record<string, string | number>;
}

/** One kind of resource. Every call throws what AWS answers, but for what is said. */
export interface Kind {
  name: string;
  /** Whether an ARN is of this kind. */
  matches(arn: string): boolean;
  /** All of the environment that the service itself lists, every page. */
  find(scope: Scope): Promise<Resource[]>;
  /** One that is named elsewhere; undefined only when its service says that there is none. */
  confirm(scope: Scope, arn: string): Promise<Resource | undefined>;
  /** Asks for its deletion; absent where it goes with another one, or is not the pipeline's to delete. Gone is no error. */
  remove?(scope: Scope, resource: Resource): Promise<void>;
}

/** The tag of what a teardown keeps on purpose; its value says since when. */
export const keptTag = "slipway:kept";

/** A tag as most services write it. */
export interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** A tag's value. */
export const tagOf = (tags: readonly Tag[] | undefined, key: string): string | undefined =>
  tags?.find(({ Key }) => Key === key)?.Value;

/** Whether tags say that something is this environment's. */
export function isOurs({ project, environment }: Scope, tags: readonly Tag[] | undefined): boolean {
  return tagOf(tags, "slipway:project") === project && tagOf(tags, "slipway:environment") === environment;
}

/** Why something is kept, by its tags. */
export function keptBy(tags: readonly Tag[] | undefined): { kept?: string } {
  const since = tagOf(tags, keptTag);
  return since === undefined ? {} : { kept: `kept on purpose since ${since}` };
}

/** Turns exactly these errors of AWS into `undefined`: "there is none". Everything else stays an error. */
export function absentAt(codes: RegExp): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && codes.test(error.name)) return undefined;
    throw error;
  };
}

/** The last part of an ARN, after `/` or `:`. */
export const lastOf = (arn: string): string => /[^/:]*$/.exec(arn)?.[0] ?? "";

/** Each once, by id. */
export function distinct(resources: readonly Resource[]): Resource[] {
  return [...new Map(resources.map((each) => [each.id, each])).values()];
}
