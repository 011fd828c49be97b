import type { AwsCredentialProvider } from "../aws/credentials.ts";
import { mapConcurrently } from "../core/concurrency.ts";
import { SlipwayError } from "../core/errors.ts";
import type { Billable } from "../prices/prices.ts";
import { type Belonging, type OwnershipMarks, ownership } from "./ownership.ts";
import type { Scope } from "./scope.ts";

/** Every kind of resource that is looked for, in the order in which they are removed: who uses another comes first. */
export const kindNames = [
  "dns-record",
  "load-balancer",
  "classic-load-balancer",
  "target-group",
  "certificate",
  "node-group",
  "cluster",
  "instance",
  "volume",
  "snapshot",
  "network-interface",
  "nat-gateway",
  "address",
  "vpc-endpoint",
  "internet-gateway",
  "subnet",
  "route-table",
  "security-group",
  "vpc",
  "launch-template",
  "log-group",
  "secret",
  "repository",
  "bucket",
  "state",
  "instance-profile",
  "role",
  "oidc-provider",
  "key",
  "budget",
] as const satisfies readonly string[];

/** The name of a kind of resource. */
export type KindName = (typeof kindNames)[number];

/** What a resource is there for: one environment, all of the project's, or the account, as `bootstrap` made it. */
export type Owner = "environment" | "project" | "bootstrap";

/** Something in AWS. */
export interface Resource {
  kind: KindName;
  /** Its ARN; where AWS has none, a unique id in the same form. */
  id: string;
  name: string;
  owner: Owner;
  /** How it is known to be ours. */
  by: Belonging;
  /** What of it is billed; nothing where it is free. */
  billables: Billable[];
  /** Why it costs nothing and goes by itself, for example a key in PendingDeletion. */
  residual?: string;
  /** What else is known: state, attachment, size, creation. */
  facts: Record<string, string | number>;
}

/** One kind of resource: how it is found, told to be gone, and removed. */
export interface ResourceKind {
  name: KindName;
  /** For a person, in the singular. */
  title: string;
  /** Whether an id or ARN is one of this kind's. */
  matches(id: string): boolean;
  /** All of the environment's, by the service's own listing. @throws the SDK's error when it cannot list all */
  find(scope: Scope): Promise<Resource[]>;
  /**
   * Asks the service for one resource.
   *
   * @returns undefined only when the service says, by the code that means just this, that there is none
   * @throws whatever else the service answers
   */
  confirm(scope: Scope, id: string): Promise<Resource | undefined>;
  /**
   * Asks the service to delete it; one that is gone already is fine. It is done when `confirm` gives undefined or
   * something residual.
   *
   * @throws the SDK's error, also where something else still uses it, see `isInUse`
   */
  remove(scope: Scope, resource: Resource): Promise<void>;
}

/** What a kind knows of one item that its service listed. */
export interface Described extends Omit<Resource, "kind" | "owner" | "by" | "billables"> {
  owner?: Owner;
  billables?: Billable[];
  /** What tells whose it is. */
  marks: OwnershipMarks;
}

/** How one service lists, describes and deletes one kind of resource. */
export interface ResourceSource<Client extends { destroy(): void }, Item> {
  name: KindName;
  title: string;
  /** The ARN's service, and its last part with the id that the service's API takes as the first group. */
  arn: { service: string; resource: RegExp };
  open(settings: ClientSettings): Promise<Client>;
  /** Page by page, whatever may be ours. */
  list(client: Client, scope: Scope): AsyncIterable<readonly Item[]>;
  /** One, by its id or ARN. Gives undefined for what AWS keeps out of its lists, too, such as a default. */
  get(client: Client, id: string, arn: string, scope: Scope): Promise<Item | undefined>;
  /** The error names that mean that there is no such resource, and nothing else. */
  gone: readonly string[];
  describe(item: Item, scope: Scope, client: Client): Described | Promise<Described>;
  remove(client: Client, id: string, resource: Resource, scope: Scope): Promise<unknown>;
}

/** What every client is opened with. */
export interface ClientSettings {
  region: string;
  credentials: AwsCredentialProvider;
  maxAttempts: number;
}

/** A throttled request is tried for about ten seconds. */
const maxAttempts = 5;

/** Makes a kind of what its service can do. */
export function defineKind<Client extends { destroy(): void }, Item>(
  source: ResourceSource<Client, Item>,
): ResourceKind {
  const { name, title, arn } = source;
  const use = async <T>(scope: Scope, work: (client: Client) => Promise<T>): Promise<T> => {
    const client = await source.open({ region: scope.region, credentials: scope.credentials, maxAttempts });
    try {
      return await work(client);
    } finally {
      client.destroy();
    }
  };
  const resource = ({ marks: _, ...item }: Described, by: Belonging): Resource => ({
    kind: name,
    owner: "environment",
    billables: [],
    ...item,
    by,
  });
  return {
    name,
    title,
    matches: (id) => shortId(id, arn) !== undefined,
    find: (scope) =>
      use(scope, async (client) => {
        const found: Resource[] = [];
        for await (const page of source.list(client, scope)) {
          // What goes between its list and a question about it is gone.
          const described = await mapConcurrently(page, 8, (item) =>
            unlessGone(source.gone, (async () => source.describe(item, scope, client))()),
          );
          for (const item of described) {
            const by = item && ownership(scope, item.marks);
            if (by) found.push(resource(item, by));
          }
        }
        return found;
      }),
    confirm: (scope, id) =>
      use(scope, async (client) => {
        const look = async () => {
          const item = await source.get(client, ownId(id, arn, scope), id, scope);
          if (item === undefined) throw new SlipwayError(`AWS neither describes ${id} nor says that there is none.`);
          const described = await source.describe(item, scope, client);
          return resource(described, ownership(scope, described.marks) ?? "inventory");
        };
        return unlessGone(source.gone, look());
      }),
    remove: (scope, found) =>
      use(scope, async (client) => {
        await unlessGone(source.gone, source.remove(client, ownId(found.id, arn, scope), found, scope));
      }),
  };
}

function shortId(id: string, { service, resource }: ResourceSource<never, never>["arn"]): string | undefined {
  const [, , of, , , ...rest] = id.split(":");
  return of === service ? resource.exec(rest.join(":"))?.[1] : undefined;
}

/** The id that the service's API takes. @throws SlipwayError for another account's or region's: they were not asked */
function ownId(id: string, arn: ResourceSource<never, never>["arn"], { account, region }: Scope): string {
  const short = shortId(id, arn);
  const [, , , where = "", whose = ""] = id.split(":");
  if (short === undefined || (where !== "" && where !== region) || (whose !== "" && whose !== account))
    throw new SlipwayError(`${id} is not in account ${account} and region ${region}, so it was not looked for.`);
  return short;
}

/** The pages of a paginator of the SDK, as lists of what is on them. */
export async function* pages<Page, Item>(
  paginator: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): AsyncGenerator<readonly Item[]> {
  for await (const page of paginator) yield itemsOf(page) ?? [];
}

/** What a request gave; undefined when it failed by one of the errors that say that there is no such thing. */
export async function unlessGone<T>(gone: readonly string[], asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && gone.includes(error.name)) return undefined;
    throw error;
  }
}

/** What services answer while something else still uses a resource: it may be deleted later. */
const inUse = new Set([
  "DependencyViolation",
  "VolumeInUse",
  "InvalidSnapshot.InUse",
  "InvalidIPAddress.InUse",
  "IncorrectState",
  "InvalidNetworkInterface.InUse",
  "ResourceInUse",
  "ResourceInUseException",
  "DeleteConflict",
  "DeleteConflictException",
  "RepositoryNotEmptyException",
  "BucketNotEmpty",
  "OperationAbortedException",
]);

/** Whether a removal failed only because something else still uses the resource. */
export function isInUse(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // EC2 has no codes of their own for an interface that is attached and an address that a NAT gateway still holds.
  const attached = error.name === "InvalidParameterValue" && error.message.includes("currently in use");
  const held = error.name === "AuthFailure" && error.message.includes("access the specified resource");
  return attached || held || inUse.has(error.name);
}
