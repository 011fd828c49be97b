/** What an environment of a project has in AWS. */
export interface ResourceOwner {
  project: string;
  environment: string;
}

/** Something in AWS, with the condition keys that a request about it has. */
export interface OwnedResource {
  arn: string;
  context: Readonly<Record<string, string>>;
}

const region = "us-east-1";
const account = "123456789012";
const arnOf = (service: string, resource: string, at = region) => `arn:aws:${service}:${at}:${account}:${resource}`;

/** The tags that Terraform puts on everything of an environment, as a request about it shows them. */
function tags({ project, environment }: ResourceOwner): Record<string, string> {
  return {
    "aws:ResourceTag/slipway:project": project,
    "aws:ResourceTag/slipway:environment": environment,
    "aws:ResourceTag/slipway:managed-by": "terraform/environment",
  };
}

/** The tags that the author of a request may put on what it makes or tags. */
export function requestTags({ project, environment }: ResourceOwner): Record<string, string>[] {
  return [
    { "aws:RequestTag/slipway:project": project, "aws:RequestTag/slipway:environment": environment },
    { "aws:RequestTag/slipway:project": project, "aws:RequestTag/slipway:managed-by": "terraform/registry" },
  ];
}

/** What Terraform, EKS and Kubernetes' controllers make for an environment, one of every kind and way to know it. */
export function ownedResources(owner: ResourceOwner): OwnedResource[] {
  const { project, environment } = owner;
  const name = `${project}-${environment}`;
  const state = `arn:aws:s3:::${project}-state-${account}-${region}/environments/${environment}`;
  const ec2 = ["vpc", "subnet", "internet-gateway", "natgateway", "route-table", "elastic-ip", "launch-template"];
  const inVpc = ["instance", "network-interface", "security-group", "volume", "vpc-endpoint"].map(
    (kind) => `${kind}/x-1`,
  );
  const snapshot = "arn:aws:ec2:us-east-1::snapshot/snap-1";
  const marks = [
    tags(owner),
    { [`aws:ResourceTag/kubernetes.io/cluster/${name}`]: "owned" },
    { "aws:ResourceTag/elbv2.k8s.aws/cluster": name },
    { "aws:ResourceTag/cluster.k8s.amazonaws.com/name": name },
    { "aws:ResourceTag/aws:eks:cluster-name": name },
  ];
  const named = [
    ...["node", "cluster", "vpc-cni", "aws-ebs-csi-driver"].map((role) => arnOf("iam", `role/${name}.${role}`, "")),
    arnOf("iam", `instance-profile/${name}.nodes`, ""),
    arnOf("eks", `cluster/${name}`),
    ...["nodegroup", "addon", "access-entry", "podidentityassociation"].map((kind) =>
      arnOf("eks", `${kind}/${name}/a/b`),
    ),
    ...["", ":*"].map((end) => arnOf("logs", `log-group:/aws/eks/${name}/cluster${end}`)),
    arnOf("logs", `log-group:/aws/containerinsights/${name}/application`),
    arnOf("kms", `alias/${name}`),
    arnOf("budgets", `budget/${name}`, ""),
    arnOf("secretsmanager", `secret:${project}/${environment}/password-AbCdEf`),
    arnOf("secretsmanager", `secret:${name}/password-AbCdEf`),
    ...["terraform.tfstate", "terraform.tfstate.tflock", "terraform.applied"].map((file) => `${state}/${file}`),
  ];
  return [
    ...named.map((arn) => ({ arn, context: {} })),
    ...ec2.map((kind) => ({ arn: arnOf("ec2", `${kind}/x-1`), context: tags(owner) })),
    // EKS starts nodes from a copy of the template: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
    { arn: arnOf("ec2", "launch-template/x-3"), context: { "aws:ResourceTag/eks:cluster-name": name } },
    ...[...inVpc.map((each) => arnOf("ec2", each)), snapshot].flatMap((arn) =>
      marks.map((context) => ({ arn, context })),
    ),
    ...["loadbalancer/net/a/b", "targetgroup/a/b"].flatMap((each) =>
      marks.map((context) => ({ arn: arnOf("elasticloadbalancing", each), context })),
    ),
    { arn: arnOf("kms", "key/1"), context: { ...tags(owner), "kms:ResourceAliases": `alias/${name}` } },
    { arn: arnOf("kms", "key/new"), context: tags(owner) }, // its alias is made a moment later
    { arn: arnOf("iam", `oidc-provider/oidc.eks.${region}.amazonaws.com/id/1`, ""), context: tags(owner) },
  ];
}

/** What `bootstrap` and the registry make for a whole project: its environments share the second. */
export function ofProject(
  project: string,
  environments: readonly string[],
): Record<"bootstrap" | "registry", OwnedResource[]> {
  const bootstrap = {
    "aws:ResourceTag/slipway:project": project,
    "aws:ResourceTag/slipway:managed-by": "terraform/bootstrap",
  };
  const roles = ["plan", "deploy", ...environments.map((environment) => `apply-${environment}`)];
  const registry = {
    "aws:ResourceTag/slipway:project": project,
    "aws:ResourceTag/slipway:managed-by": "terraform/registry",
  };
  return {
    bootstrap: [
      ...roles.flatMap((role) => [`role/${project}-${role}`, `policy/${project}-${role}-read`]),
      "oidc-provider/token.actions.githubusercontent.com",
    ]
      .map((each) => ({ arn: arnOf("iam", each, ""), context: bootstrap }))
      .concat(
        ["", "/bootstrap/terraform.tfstate"].map((each) => ({
          arn: `arn:aws:s3:::${project}-state-${account}-${region}${each}`,
          context: bootstrap,
        })),
      ),
    registry: [
      { arn: arnOf("ecr", `repository/${project}/guests-api`), context: registry },
      { arn: arnOf("kms", "key/2"), context: { ...registry, "kms:ResourceAliases": `alias/${project}/registry` } },
      { arn: arnOf("kms", `alias/${project}/registry`), context: {} },
      { arn: `arn:aws:s3:::${project}-state-${account}-${region}/registry/terraform.tfstate`, context: {} },
    ],
  };
}

/** What somebody else has in the same account, without one of our tags. */
export const strangers: readonly OwnedResource[] = [
  { arn: arnOf("kms", "key/3"), context: { "kms:ResourceAliases": "alias/payroll" } },
  { arn: arnOf("iam", "role/admin", ""), context: {} },
  { arn: arnOf("ec2", "vpc/x-2"), context: {} },
  { arn: arnOf("ec2", "volume/x-2"), context: {} },
  { arn: arnOf("eks", "cluster/payroll"), context: {} },
  { arn: arnOf("logs", "log-group:/aws/eks/payroll/cluster"), context: {} },
  { arn: arnOf("secretsmanager", "secret:payroll/password-AbCdEf"), context: {} },
  { arn: arnOf("elasticloadbalancing", "loadbalancer/net/a/b"), context: {} },
  { arn: arnOf("ecr", "repository/payroll"), context: {} },
];

/** What GuardDuty has put into whose VPC ever: its tag is all that is known of it. */
export const guardDutys: readonly OwnedResource[] = ["vpc-endpoint/vpce-1", "security-group/sg-1"].map((each) => ({
  arn: arnOf("ec2", each),
  context: { "aws:ResourceTag/GuardDutyManaged": "true" },
}));
