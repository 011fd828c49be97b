/** Permissions that no recorded call needs, and a path that no recording takes. */
export interface Elsewhere {
  /** `policy/Sid` of the statement. */
  statement: string;
  actions: readonly string[];
  /** The path. */
  why: string;
  /** The test that takes it, or the page that says that AWS or Terraform's provider takes it. */
  seen: string;
}

const provider = "https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/internal/service";
const roles = "terraform/roles.real.test.ts";
const ownership = "actions/lib/resources/ownership.test.ts";

export const elsewhere: readonly Elsewhere[] = [
  {
    statement: "cluster/Cluster",
    actions: ["eks:UpdatePodIdentityAssociation"],
    why: "a new version of Slipway sets up an add-on otherwise",
    seen: `${provider}/eks/addon.go`,
  },
  {
    statement: "cluster/Cluster",
    actions: ["eks:UntagResource"],
    why: "somebody gave it a tag by hand, as to the others in terraform/changes.real.test.ts",
    seen: `${provider}/eks/tags_gen.go`,
  },
  {
    statement: "inventory/ClusterIdentities",
    actions: ["iam:GetOpenIDConnectProvider", "iam:ListOpenIDConnectProviderTags"],
    why: "somebody gave the cluster an identity provider",
    seen: "terraform/in-our-name.real.test.ts",
  },
  {
    statement: "sweep/ClusterIdentities",
    actions: ["iam:DeleteOpenIDConnectProvider"],
    why: "somebody gave the cluster an identity provider, with the environment's tags",
    seen: ownership,
  },
  {
    statement: "cluster/Key",
    actions: ["kms:PutKeyPolicy", "kms:TagResource"],
    why: "a new version of Slipway lets the key do otherwise, or somebody took a tag away",
    seen: `${provider}/kms/key.go`,
  },
  {
    statement: "registry/Key",
    actions: ["kms:PutKeyPolicy", "kms:TagResource", "kms:UntagResource"],
    why: "as with the cluster's key, and with its tags, which terraform/changes.real.test.ts changes",
    seen: `${provider}/kms/key.go`,
  },
  {
    statement: "registry/Key",
    actions: ["kms:EnableKeyRotation"],
    why: "the rotation was turned off by hand",
    seen: `${provider}/kms/key.go`,
  },
  {
    statement: "network/Change",
    actions: ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
    why: "a new version of Slipway starts nodes otherwise, or somebody changed the template by hand",
    seen: `${provider}/ec2/ec2_launch_template.go`,
  },
  {
    // AWS gives the address of a NAT gateway an association, which the emulator does not.
    statement: "network/Change",
    actions: ["ec2:DisassociateAddress"],
    why: "the provider takes an address from what it is associated with, before it releases it",
    seen: `${provider}/ec2/ec2_eip.go`,
  },
  {
    statement: "network/Budget",
    actions: ["budgets:UntagResource"],
    why: "somebody gave it a tag by hand, as to the others in terraform/changes.real.test.ts",
    seen: `${provider}/budgets/budget.go`,
  },
  {
    statement: "names/Certificate",
    actions: ["acm:RemoveTagsFromCertificate"],
    why: "somebody gave it a tag by hand, as to the others in terraform/changes.real.test.ts",
    seen: `${provider}/acm/certificate.go`,
  },
  {
    statement: "read/Roles",
    actions: ["iam:GetRolePolicy"],
    why: "somebody gave a role of an environment a policy by hand: Terraform reads it",
    seen: `${provider}/iam/role.go`,
  },
  {
    statement: "sweep/RolesPolicies",
    actions: ["iam:DeleteRolePolicy"],
    why: "somebody gave a role of an environment a policy by hand: it goes with the role",
    seen: `${provider}/iam/role.go`,
  },
  {
    statement: "sweep/InstanceProfiles",
    actions: ["iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile"],
    why: "somebody gave a role of an environment an instance profile of its name",
    seen: roles,
  },
  {
    statement: "inventory/ObservabilityLogs",
    actions: ["logs:ListTagsForResource"],
    why: "an app brings CloudWatch's agent, which writes groups of its own",
    seen: roles,
  },
  ...["sweep/OfEKS", "sweep/OfGuardDuty"].map((statement) => ({
    statement,
    actions: ["ec2:RevokeSecurityGroup*"],
    why: "a group has rules, which may name another group: they go first",
    seen: "https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html",
  })),
  {
    statement: "sweep/OfBalancers",
    actions: ["ec2:*", "elasticloadbalancing:*"],
    why: "an app brings the AWS Load Balancer Controller",
    seen: ownership,
  },
  {
    statement: "sweep/OfCluster",
    actions: ["ec2:*", "elasticloadbalancing:*"],
    why: "the cloud controller and the EBS CSI driver died before they took away what they had made",
    seen: ownership,
  },
  {
    statement: "sweep/Ours",
    actions: ["ec2:*", "elasticloadbalancing:*"],
    why: "an apply was killed, or a controller that has our tags",
    seen: ownership,
  },
];

/** Calls that a policy refuses and that are made all the same. */
export const refusedOnPurpose: readonly { role: string; call: RegExp; why: string }[] = [
  {
    role: "plan",
    call: /^ec2:(AllocateAddress|CreateInternetGateway|CreateVpc|RunInstances) /,
    // actions/lib/doctor/refusals.ts
    why: "The doctor's dry runs: a refusal of the organization is told from one of the role.",
  },
  {
    role: "apply-ENVIRONMENT",
    call: /^s3:(DeleteBucket|DeleteObject(Version)?|ListBucketMultipartUploads) arn:aws:s3:::PROJECT-ENVIRONMENT-/,
    why: "Buckets of people's own: nobody but a person empties one (./slipway sweep).",
  },
  {
    role: "apply-ENVIRONMENT",
    call: /^iam:(DeleteInstanceProfile|RemoveRoleFromInstanceProfile) arn:aws:iam::ACCOUNT:instance-profile\/\*$/,
    why: "EKS takes away the profiles of its nodes; what it leaves costs nothing, and a person removes it (./slipway sweep).",
  },
];
