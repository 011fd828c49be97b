import { beforeAll, expect, test } from "vitest";
import { type Policies, readPolicies, type Statement } from "../scripts/identities/policies.ts";
import { allows } from "./test-evaluate.ts";

/*
 * What AWS's services do in the name of whoever asks them, so that the role needs it, although none of our programs asks for
 * it. The emulator does none of it.
 */

const account = "123456789012";
const region = "us-east-1";
let policies: Policies;
beforeAll(async () => {
  const repository = { repository: "octo-org/octo-repo", branch: "main" };
  policies = await readPolicies({ project: "slip", environments: ["dev", "prod"], region, account, ...repository });
});

/** Whether the apply role of `dev` may do this to that. */
function may(action: string, resource: string, context: Record<string, string> = {}): boolean {
  const statements: readonly Statement[] = Object.values(policies.roles["apply-dev"]?.policies ?? {}).flat();
  return statements.some((statement) => allows(statement, { action, resource, context }));
}

const ec2 = (resource: string) => `arn:aws:ec2:${region}:${account}:${resource}`;
const serviceRole = (service: string, name: string) =>
  `arn:aws:iam::${account}:role/aws-service-role/${service}/AWSServiceRoleFor${name}`;
const tagsOf = (environment: string) => ({
  "aws:ResourceTag/slipway:project": "slip",
  "aws:ResourceTag/slipway:environment": environment,
});

/** The service-linked roles that an environment needs, and a new account has none of. */
const serviceRoles = [
  ["eks.amazonaws.com", "AmazonEKS"],
  ["eks-nodegroup.amazonaws.com", "AmazonEKSNodegroup"],
  ["autoscaling.amazonaws.com", "AutoScaling"],
  ["elasticloadbalancing.amazonaws.com", "ElasticLoadBalancing"],
  ["spot.amazonaws.com", "EC2Spot"],
] as const;

test.each(serviceRoles)("EKS finds the service-linked role of %s, or makes it", (service, name) => {
  // https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles-eks-nodegroups.html
  expect(may("iam:GetRole", serviceRole(service, name))).toBe(true);
  const made = { "iam:AWSServiceName": service };
  expect(may("iam:CreateServiceLinkedRole", serviceRole(service, name), made)).toBe(true);
});

test("no other service gets a role, and of no role more is read or changed", () => {
  const support = serviceRole("support.amazonaws.com", "Support");
  expect(may("iam:CreateServiceLinkedRole", support, { "iam:AWSServiceName": "support.amazonaws.com" })).toBe(false);
  const nodes = serviceRole("eks-nodegroup.amazonaws.com", "AmazonEKSNodegroup");
  for (const action of ["iam:DeleteRole", "iam:AttachRolePolicy", "iam:DeleteServiceLinkedRole", "iam:PassRole"])
    expect(may(action, nodes, { "iam:PassedToService": "ec2.amazonaws.com" }), action).toBe(false);
  expect(may("iam:GetRole", `arn:aws:iam::${account}:role/admin`)).toBe(false);
});

test("EKS may try a node group's template in our name, whatever condition keys the request has", () => {
  const supplied = ["instance/*", "network-interface/*", "security-group/sg-1", "volume/*"].map(ec2);
  for (const resource of [...supplied, `arn:aws:ec2:${region}::image/ami-1`])
    for (const context of [
      {},
      { "ec2:IsLaunchTemplateResource": "false", "ec2:LaunchTemplate": ec2("launch-template/lt-1") },
      { "ec2:IsLaunchTemplateResource": "true", "ec2:LaunchTemplate": ec2("launch-template/lt-1") },
    ] satisfies Record<string, string>[])
      expect(may("ec2:RunInstances", resource, context), resource).toBe(true);
  expect(may("ec2:RunInstances", ec2("subnet/subnet-1"), tagsOf("dev"))).toBe(true);
  expect(may("ec2:RunInstances", ec2("launch-template/lt-1"), tagsOf("dev"))).toBe(true);
  const copy = { "aws:ResourceTag/eks:cluster-name": "slip-dev" };
  expect(may("ec2:RunInstances", ec2("launch-template/lt-2"), copy)).toBe(true);
  const started = { "ec2:CreateAction": "RunInstances" };
  const tags = { "aws:RequestTag/slipway:project": "slip", "aws:RequestTag/slipway:environment": "dev" };
  for (const context of [
    started,
    { ...started, "aws:RequestTag/eks:cluster-name": "slip-dev" },
    { ...started, ...tags },
  ])
    expect(may("ec2:CreateTags", ec2("instance/i-1"), context)).toBe(true);
});

test("nothing starts in another's subnet, from another's template, or with another's tags", () => {
  for (const context of [{}, tagsOf("prod")] satisfies Record<string, string>[]) {
    expect(may("ec2:RunInstances", ec2("subnet/subnet-2"), context)).toBe(false);
    expect(may("ec2:RunInstances", ec2("launch-template/lt-3"), context)).toBe(false);
  }
  const copy = { "aws:ResourceTag/eks:cluster-name": "slip-prod" };
  expect(may("ec2:RunInstances", ec2("launch-template/lt-4"), copy)).toBe(false);
  for (const kind of ["key-pair/k", "snapshot/s", "capacity-reservation/c"])
    expect(may("ec2:RunInstances", ec2(kind)), kind).toBe(false);
  const tags = { "ec2:CreateAction": "RunInstances", "aws:RequestTag/slipway:project": "other" };
  expect(may("ec2:CreateTags", ec2("instance/i-1"), tags)).toBe(false);
});

test("a receipt reads the identity providers of this region's clusters, and no others", () => {
  for (const action of ["iam:GetOpenIDConnectProvider", "iam:ListOpenIDConnectProviderTags"])
    for (const [where, expected] of [
      [region, true],
      ["eu-west-1", false],
    ] as const)
      expect(may(action, `arn:aws:iam::${account}:oidc-provider/oidc.eks.${where}.amazonaws.com/id/1`)).toBe(expected);
});
