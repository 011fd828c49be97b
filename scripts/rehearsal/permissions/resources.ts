import type { AwsCall } from "./calls.ts";
import { type Parameters, valuesOf } from "./parameters.ts";
import type { ActionReference, ResourceType } from "./reference.ts";

/** One thing that IAM asks about: whether the role may do this to that. */
export interface Authorization {
  action: string;
  /** An ARN in which `*` stands for ids, or `*`. */
  resource: string;
  /** Condition keys; several values are divided by commas. */
  context: Readonly<Record<string, string>>;
}

/** Where a call was made. */
export interface AwsPlace {
  region: string;
  account: string;
}

/** How EC2's ids begin, by the kinds of the reference. */
const ec2Kinds: Readonly<Record<string, string>> = {
  eipalloc: "elastic-ip",
  eni: "network-interface",
  i: "instance",
  igw: "internet-gateway",
  lt: "launch-template",
  nat: "natgateway",
  rtb: "route-table",
  sg: "security-group",
  snap: "snapshot",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
  vpce: "vpc-endpoint",
};

/** The parameters that a variable of an ARN is called in requests, where they are not called as it is. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  Alias: ["AliasName"],
  BucketName: ["Bucket"],
  BudgetName: ["BudgetName", "Budget.BudgetName", "NewBudget.BudgetName"],
  ClusterName: ["clusterName", "name"],
  Id: ["HostedZoneId", "ResourceId", "Id"],
  InstanceProfileNameWithPath: ["InstanceProfileName"],
  LogGroupName: ["logGroupName"],
  ObjectName: ["Key"],
  RepositoryName: ["repositoryName", "name"],
  RoleNameWithPath: ["RoleName"],
};

/**
 * Actions of which the reference names no resource, and EKS asks for one:
 * https://github.com/cortexlabs/cortex/issues/1232
 */
const unlisted: Readonly<Record<string, string>> = {
  "eks:CreateCluster": "arn:${Partition}:eks:${Region}:${Account}:cluster/${ClusterName}",
};

/** A resource with what is known of it. */
type AuthorizedResource = Pick<Authorization, "resource" | "context">;

/** The resources that a call is about, each with its own part of the context. */
export function resourcesOf(
  { operation, parameters, things }: AwsCall,
  reference: ActionReference,
  place: AwsPlace,
): AuthorizedResource[] {
  const special = unlisted[reference.action];
  const kinds = special ? [{ name: "unlisted", required: true, arn: special }] : reference.resources;
  if (kinds.length === 0) return [{ resource: "*", context: contextOfKey(things) }];
  const named = kinds.flatMap((kind) =>
    operation.service === "ec2" ? ec2Resources(kind, things, place) : namedResource(kind, parameters, things, place),
  );
  const found = new Set(named.map(({ kind }) => kind));
  const made = kinds.filter(({ name, required }) => required && !found.has(name) && isAlone(name, kinds, found));
  const rest = made.map((kind) => ({ resource: fill(kind.arn, place, () => "*"), context: {} }));
  const all = [...named, ...rest];
  return all.length > 0 ? all : [{ resource: "*", context: {} }];
}

/** Load balancers of several kinds are all required in the reference, and a request is about one. */
function isAlone(name: string, kinds: readonly ResourceType[], found: ReadonlySet<string>): boolean {
  const family = name.split("/")[0] ?? "";
  return (
    ![...found].some((each) => each !== name && each.split("/")[0] === family) ||
    (!name.includes("/") && kinds.length === 1)
  );
}

function ec2Resources({ name, arn }: ResourceType, things: AwsCall["things"], place: AwsPlace) {
  return things
    .filter(({ id }) => ec2Kinds[id.slice(0, id.lastIndexOf("-"))] === name)
    .map(({ context }) => ({ kind: name, resource: fill(arn, place, () => "*"), context }));
}

function namedResource(
  { name, arn }: ResourceType,
  parameters: Parameters,
  things: AwsCall["things"],
  place: AwsPlace,
) {
  // Route 53 gives the tags of two kinds by the same name, and asks which is meant.
  const meant = parameters.ResourceType;
  if (name === "healthcheck" && meant !== undefined && meant !== name) return [];
  const pattern = new RegExp(`^${arn.replaceAll(/\$\{\w+\}/g, "[^:]*")}$`);
  // What is to be simulated is not what the simulation is about.
  const own = Object.entries(parameters).filter(([parameter]) => !/^(ResourceArns|ContextEntries)\b/.test(parameter));
  const arns = own.flatMap(([, value]) => (pattern.test(value) ? [value] : []));
  const about = (id: string) => things.find((thing) => id.endsWith(thing.id))?.context ?? {};
  if (arns.length > 0) return arns.map((resource) => ({ kind: name, resource, context: about(resource) }));
  if (/\/key\/|:key\//.test(arn) && things.length > 0)
    return things.map(({ context }) => ({ kind: name, resource: fill(arn, place, () => "*"), context }));
  const variables = [...arn.matchAll(/\$\{(\w+)\}/g)].map(([, variable = ""]) => variable);
  const named = variables.filter((variable) => !["Partition", "Region", "Account", "UUID"].includes(variable));
  const values = (variable: string) =>
    (otherNames[variable] ?? [variable]).flatMap((parameter) => valuesOf(parameters, parameter));
  const isSaid = (variable: string) => values(variable).length > 0;
  // A request to delete many objects names them in its body, which is not read.
  if (name === "object" && isSaid("BucketName") && !isSaid("ObjectName"))
    return [{ kind: name, resource: `arn:aws:s3:::${values("BucketName")[0]}/*`, context: {} }];
  const principal = /^arn:aws:iam::(\d+):(role|user)\/(.+)$/.exec(valuesOf(parameters, "principalArn")[0] ?? "");
  const iam: Record<string, string | undefined> = {
    IamIdentityAccountID: principal?.[1],
    IamIdentityType: principal?.[2],
    IamIdentityName: principal?.[3],
  };
  if (!named.every((variable) => iam[variable] !== undefined || values(variable).length > 0)) return [];
  if (named.length === 0) return [];
  // A request with several names of one kind, such as a list of repositories, is about each.
  const most = named.length === 1 ? values(named[0] ?? "").length : 1;
  return Array.from({ length: most }, (_, index) => ({
    kind: name,
    resource: fill(arn, place, (variable) =>
      nameIn(iam[variable] ?? values(variable)[named.length === 1 ? index : 0] ?? "*"),
    ),
    context: {},
  })).map((each) => ({ ...each, context: about(each.resource) }));
}

/** A name as ARNs have it. */
const nameIn = (value: string) =>
  value
    .replace(/^\/?(hostedzone|change|alias)\//, "")
    // Requests name a service-linked role without its path.
    .replace(/^AWSServiceRoleFor/, "aws-service-role/*/$&");

function fill(arn: string, { region, account }: AwsPlace, value: (variable: string) => string): string {
  const known: Record<string, string> = { Partition: "aws", Region: region, Account: account };
  return arn.replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => known[variable] ?? value(variable));
}

const contextOfKey = (things: AwsCall["things"]) => things[0]?.context ?? {};
