import type { Dependent } from "./dependent.ts";
import type { RecordedCall } from "./record.ts";
import type { Authorization } from "./resources.ts";

/** What AWS does in the name of whoever makes a call, and its reference does not list. */
interface InOurName {
  /** Makes it happen. */
  call: string;
  /** Says so. */
  source: string;
  needs: readonly Authorization[];
}

const role = (name: string) => `arn:aws:iam::ACCOUNT:role/PROJECT-ENVIRONMENT.${name}`;
const serviceRole = (service: string, name: string) =>
  `arn:aws:iam::ACCOUNT:role/aws-service-role/${service}/AWSServiceRoleFor${name}`;
const ec2 = (resource: string) => `arn:aws:ec2:REGION:ACCOUNT:${resource}`;

const ours = {
  "aws:ResourceTag/slipway:project": "PROJECT",
  "aws:ResourceTag/slipway:environment": "ENVIRONMENT",
};
const registrys = {
  "aws:ResourceTag/slipway:project": "PROJECT",
  "aws:ResourceTag/slipway:managed-by": "terraform/registry",
};

/** Hands a role to a service. */
const pass = (name: string, service: string): Authorization => ({
  action: "iam:PassRole",
  resource: role(name),
  context: { "iam:PassedToService": service },
});

/** Makes a service-linked role, in an account that has none. */
const make = (service: string, name: string): Authorization => ({
  action: "iam:CreateServiceLinkedRole",
  resource: serviceRole(service, name),
  context: { "iam:AWSServiceName": service },
});

const key = (action: string, context: Readonly<Record<string, string>>): Authorization => ({
  action: `kms:${action}`,
  resource: "arn:aws:kms:REGION:ACCOUNT:key/*",
  context,
});

const run = (resource: string, context: Readonly<Record<string, string>> = {}): Authorization => ({
  action: "ec2:RunInstances",
  resource,
  context,
});

const made = { "ec2:CreateAction": "RunInstances" };
const tags = { "aws:RequestTag/slipway:project": "PROJECT", "aws:RequestTag/slipway:environment": "ENVIRONMENT" };

export const inOurName: readonly InOurName[] = [
  {
    call: "eks:CreateCluster",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles-eks.html",
    needs: [pass("cluster", "eks.amazonaws.com"), make("eks.amazonaws.com", "AmazonEKS")],
  },
  {
    call: "eks:CreateCluster",
    source: "https://github.com/aws-quickstart/quickstart-amazon-eks-cluster-resource-provider/issues/25",
    needs: [key("DescribeKey", ours), key("CreateGrant", ours)],
  },
  {
    // The cluster's own controller makes the first load balancer; where the role is missing, EKS asks the caller for it.
    call: "eks:CreateCluster",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/service_IAM_role.html",
    needs: [make("elasticloadbalancing.amazonaws.com", "ElasticLoadBalancing")],
  },
  {
    call: "eks:CreateNodegroup",
    source: "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/823",
    needs: [
      {
        action: "iam:GetRole",
        context: {},
        resource: serviceRole("eks-nodegroup.amazonaws.com", "AmazonEKSNodegroup"),
      },
    ],
  },
  {
    call: "eks:CreateNodegroup",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles-eks-nodegroups.html",
    needs: [
      pass("node", "eks.amazonaws.com"),
      make("eks-nodegroup.amazonaws.com", "AmazonEKSNodegroup"),
      make("autoscaling.amazonaws.com", "AutoScaling"),
      make("spot.amazonaws.com", "EC2Spot"),
    ],
  },
  ...["eks:CreateNodegroup", "eks:UpdateNodegroupVersion"].map((call) => ({
    // It tries the launch template, or its own copy, and starts nothing.
    call,
    source: "https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html",
    needs: [
      pass("node", "ec2.amazonaws.com"),
      ...["instance/*", "network-interface/*", "security-group/*", "volume/*"].map((each) => run(ec2(each))),
      run("arn:aws:ec2:REGION::image/*"),
      run(ec2("subnet/*"), ours),
      run(ec2("launch-template/*"), ours),
      run(ec2("launch-template/*"), { "aws:ResourceTag/eks:cluster-name": "PROJECT-ENVIRONMENT" }),
      ...["instance/*", "network-interface/*", "volume/*"].flatMap((each) => [
        { action: "ec2:CreateTags", resource: ec2(each), context: { ...made, ...tags } },
        { action: "ec2:CreateTags", resource: ec2(each), context: made },
      ]),
    ],
  })),
  {
    call: "eks:CreatePodIdentityAssociation",
    source: "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html",
    needs: ["vpc-cni", "aws-ebs-csi-driver", "external-dns"].flatMap((addon) => [
      pass(addon, "pods.eks.amazonaws.com"),
      { action: "iam:GetRole", resource: role(addon), context: {} },
    ]),
  },
  {
    // The ARN that a refusal named has one more part.
    call: "eks:UpdateClusterVersion",
    source: "https://github.com/aws/aws-cdk/issues/6060",
    needs: [
      {
        action: "eks:UpdateClusterVersion",
        context: {},
        resource: "arn:aws:eks:REGION:ACCOUNT:cluster/PROJECT-ENVIRONMENT/update",
      },
    ],
  },
  {
    call: "ecr:CreateRepository",
    source: "https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
    needs: [key("DescribeKey", registrys), key("CreateGrant", registrys), key("RetireGrant", registrys)],
  },
];

/** What is tagged when it is made, and whose tags need another permission. The reference says so of other services. */
const tagging: Readonly<Record<string, string>> = {
  // https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
  "acm:RequestCertificate": "acm:AddTagsToCertificate",
  // https://docs.aws.amazon.com/cost-management/latest/userguide/billing-permissions-ref.html
  "budgets:ModifyBudget": "budgets:TagResource",
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_eks.html
  "eks:CreateAccessEntry": "eks:TagResource",
  "eks:CreateAddon": "eks:TagResource",
  "eks:CreateCluster": "eks:TagResource",
  "eks:CreateNodegroup": "eks:TagResource",
  "eks:CreatePodIdentityAssociation": "eks:TagResource",
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html
  "iam:CreateRole": "iam:TagRole",
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
  "logs:CreateLogGroup": "logs:TagResource",
};

/** What of both tables a call of a role needs. */
export function neededInOurName({ role: who, action, resource, context }: RecordedCall): Dependent[] {
  const table = inOurName
    .filter(({ call }) => call === action)
    .flatMap(({ source, needs }) => needs.map((need) => ({ role: who, ...need, because: `${action}, ${source}` })));
  const tagged = Object.keys(context).some((each) => each.startsWith("aws:RequestTag/")) ? tagging[action] : undefined;
  if (tagged === undefined) return table;
  const whole = action === "acm:RequestCertificate" ? "arn:aws:acm:REGION:ACCOUNT:certificate/*" : resource;
  return [...table, { role: who, action: tagged, resource: whole, context, because: `${action} with tags` }];
}
