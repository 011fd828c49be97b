import { beforeAll, expect, test } from "vitest";
import { type Policies, readPolicies, type Statement } from "../scripts/identities/policies.ts";
import {
  type OwnedResource,
  ownedResources,
  guardDutys,
  ofProject,
  type ResourceOwner,
  requestTags,
  strangers,
} from "./test-owned-resources.ts";
import { allows } from "./test-evaluate.ts";

/** Names that are parts of each other, of the pipeline's own names, and of words in paths. Some are refused elsewhere. */
const projects = ["slip", "slipway", "s"];
const environments = [
  "dev",
  "dev-eu",
  "eu",
  "devel",
  "d",
  "way-dev",
  "node",
  "apply",
  "apply-dev",
  "apply-eu",
  "plan",
  "deploy",
  "state",
  "registry",
  "bootstrap",
];

let policies: Map<string, Policies>;
beforeAll(async () => {
  const rest = { region: "us-east-1", account: "123456789012", repository: "octo-org/octo-repo", branch: "main" };
  const read = async (project: string) => [project, await readPolicies({ project, environments, ...rest })] as const;
  policies = new Map(await Promise.all(projects.map(read)));
});

const reads = /:(Get|List|Describe|BatchGet|BatchCheck|View|Lookup|Simulate)/;

/** A statement with the actions that change something. */
type Changing = Statement & { Action: readonly string[] };

/** The statements of a role that let it change something. */
function changing(project: string, role: string): Changing[] {
  const statements = Object.values(policies.get(project)?.roles[role]?.policies ?? {}).flat();
  expect(statements, role).not.toEqual([]);
  return statements
    .map((statement) => ({ ...statement, Action: [statement.Action].flat().filter((action) => !reads.test(action)) }))
    .filter(({ Action }) => Action.length > 0);
}

/**
 * What is there before, of what an action names that makes something new. Groups and the parts of an instance are not
 * among it: EKS supplies them, and template and subnet are held to the environment's own.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
const usedToMake: Readonly<Record<string, readonly string[]>> = {
  "ec2:AllocateAddress": [],
  "ec2:CreateInternetGateway": [],
  "ec2:CreateLaunchTemplate": [],
  "ec2:CreateNatGateway": ["subnet", "elastic-ip"],
  "ec2:CreateRouteTable": ["vpc"],
  "ec2:CreateSnapshot": ["volume"],
  "ec2:CreateSubnet": ["vpc"],
  "ec2:CreateVpc": [],
  "ec2:RunInstances": ["launch-template", "subnet"],
  "kms:CreateKey": [],
  "kms:TagResource": ["key"],
};

/** Whether a request for an action can be about a thing that is there. */
function concerns(action: string, arn: string): boolean {
  const [, , service = "", , , resource = ""] = arn.split(":");
  if (action.split(":")[0] !== service) return false;
  return usedToMake[action]?.includes(resource.split("/")[0] ?? "") ?? true;
}

/** What a role may change of somebody's things, whatever tags the request brings. */
function reach(
  statements: readonly Changing[],
  things: readonly OwnedResource[],
  tags: Record<string, string>[],
): string[] {
  const found: string[] = [];
  for (const statement of statements)
    for (const { arn, context } of things) {
      // What goes for one of a statement's actions on a thing goes for all of them.
      const actions = statement.Action.filter((action) => concerns(action, arn));
      const [action] = actions;
      if (action === undefined) continue;
      const attempts = tags.map((each) => ({ action, resource: arn, context: { ...context, ...each } }));
      if (attempts.some((attempt) => allows(statement, attempt))) found.push(`${actions.join(", ")} ${arn}`);
    }
  return found;
}

/** Who could be mistaken for whom: one name begins another, or both environments have one name. */
const owners: ResourceOwner[] = projects.flatMap((project) =>
  environments.map((environment) => ({ project, environment })),
);
const nameOf = ({ project, environment }: ResourceOwner) => `${project}-${environment}`;
const confusable = (one: ResourceOwner, other: ResourceOwner) =>
  nameOf(one) !== nameOf(other) &&
  (one.environment === other.environment ||
    [one, other].some((each) => each.environment.startsWith("apply")) ||
    nameOf(one).startsWith(nameOf(other)) ||
    nameOf(other).startsWith(nameOf(one)));

test("names of projects and environments are told apart, whatever begins what", () => {
  expect(new Set(owners.map(nameOf)).size).toBe(owners.length);
});

test.each(projects)("an apply role of %s changes nothing of another environment", (project) => {
  const far: string[] = [];
  let pairs = 0;
  for (const one of owners.filter((each) => each.project === project)) {
    const statements = changing(project, `apply-${one.environment}`);
    for (const other of owners.filter((each) => confusable(one, each))) {
      pairs++;
      const found = reach(statements, ownedResources(other), requestTags(one));
      far.push(...found.map((each) => `${nameOf(one)}: ${each}`));
    }
  }
  expect(pairs).toBeGreaterThan(100);
  expect(far).toEqual([]);
});

test.each(projects)(
  "no role of %s changes what bootstrap made, another project's registry, or a stranger's things",
  (project) => {
    const far: string[] = [];
    for (const role of Object.keys(policies.get(project)?.roles ?? {})) {
      if (role === "plan") continue;
      const statements = changing(project, role);
      const tags = environments.flatMap((environment) => requestTags({ project, environment }));
      const others = projects
        .filter((each) => each !== project)
        .flatMap((each) => ofProject(each, environments).registry);
      const everyone = projects.flatMap((each) => ofProject(each, environments).bootstrap);
      far.push(...reach(statements, [...others, ...everyone, ...strangers], tags).map((each) => `${role}: ${each}`));
    }
    expect(far).toEqual([]);
  },
);

test("an apply role has what it needs: each of its statements lets it change something of its own", () => {
  const owner = { project: "slip", environment: "dev" };
  const things = [...ownedResources(owner), ...ofProject("slip", ["dev"]).registry, ...guardDutys];
  const idle = changing("slip", "apply-dev").filter((statement) => {
    const passed = { "iam:PassedToService": "eks.amazonaws.com", "iam:AWSServiceName": "eks.amazonaws.com" };
    const fresh = [
      "arn:aws:ec2:us-east-1:123456789012:vpc/new",
      "arn:aws:ec2:us-east-1::snapshot/new",
      "arn:aws:kms:us-east-1:123456789012:key/new",
      "arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
    ].map((arn): OwnedResource => ({ arn, context: {} }));
    return ![...things, ...fresh].some(({ arn: resource, context }) =>
      ["CreateVpc", "CreateSnapshot", "RunInstances"].some((made) =>
        requestTags(owner).some((tags) =>
          statement.Action.some((action) =>
            allows(statement, {
              action,
              resource,
              context: { ...context, ...passed, "ec2:CreateAction": made, ...tags },
            }),
          ),
        ),
      ),
    );
  });
  expect(idle.map(({ Sid }) => Sid)).toEqual([]);
});

test("of what GuardDuty put into a VPC, whose ever, an apply role can do no more than remove it", () => {
  const tags = requestTags({ project: "slip", environment: "dev" });
  expect(reach(changing("slip", "apply-dev"), guardDutys, tags)).toEqual([
    "ec2:DeleteVpcEndpoints, ec2:DeleteSecurityGroup, ec2:RevokeSecurityGroupEgress, ec2:RevokeSecurityGroupIngress arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/vpce-1",
    "ec2:DeleteVpcEndpoints, ec2:DeleteSecurityGroup, ec2:RevokeSecurityGroupEgress, ec2:RevokeSecurityGroupIngress arn:aws:ec2:us-east-1:123456789012:security-group/sg-1",
  ]);
  expect(reach(changing("slip", "deploy"), guardDutys, tags)).toEqual([]);
});

test("the plan role changes nothing at all", () => {
  expect(changing("slip", "plan")).toEqual([]);
});
