import type { Scope } from "./scope.ts";

/** Tags by their keys. */
export type Tags = Readonly<Record<string, string>>;

/** What tells whose a resource is. */
export interface OwnershipMarks {
  tags?: Tags;
  vpc?: string | undefined;
  /** Whether its name is one that only this environment, or the project for what all share, gives out. */
  named?: boolean;
}

/**
 * How a resource is known to be ours: by the tags that Terraform gives it, by those that Kubernetes' controllers and
 * GuardDuty give what they make for a cluster, by its name, by a saved inventory or Terraform's state, or only because it is in our VPC.
 */
export const belongings = ["tag", "cluster", "name", "inventory", "vpc"] as const;

/** How a resource is known to be ours. */
export type Belonging = (typeof belongings)[number];

/**
 * The tags that say which cluster a resource is for, by value, and one that says it by key.
 * - EKS itself: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html#tag-resources-for-billing
 * - the VPC CNI: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#cni-custom-network-config ("ENI tags related to allocation")
 * - the load balancer controller: https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/docs/guide/service/annotations.md#default-tags
 * - the EBS CSI driver and the cloud controller: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
 */
export const clusterTagKeys = [
  "eks:cluster-name",
  "aws:eks:cluster-name",
  "cluster.k8s.amazonaws.com/name",
  "elbv2.k8s.aws/cluster",
  "KubernetesCluster",
] as const;

/** The key of the tag whose value `owned` gives a resource to a cluster; `shared` means that the cluster only uses it. */
export const clusterTagKey = (clusterName: string) => `kubernetes.io/cluster/${clusterName}`;

/** The tags that Terraform gives everything of an environment. */
export const projectTag = "slipway:project";

/** The tag that what all environments share does not have. */
export const environmentTag = "slipway:environment";

/**
 * The tag of what GuardDuty's runtime monitoring puts into the VPC of a cluster by itself: an endpoint and its group. It
 * names neither cluster nor VPC: https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring.html
 */
const guardDutyTag = "GuardDutyManaged";

/** Whether GuardDuty made a resource. */
export const isGuardDutys = (tags: Tags): boolean => tags[guardDutyTag] === "true";

/** Whose a resource is: undefined for somebody else's. What Terraform's tags say counts before everything else. */
export function ownership(scope: Scope, { tags = {}, vpc, named = false }: OwnershipMarks): Belonging | undefined {
  const { [projectTag]: project, [environmentTag]: environment } = tags;
  if (project !== undefined && project !== scope.project) return undefined;
  if (environment !== undefined && environment !== scope.environment) return undefined;
  if (project !== undefined && environment !== undefined) return "tag";
  if (isOfCluster(scope.clusterName, tags)) return "cluster";
  if (named) return "name";
  if (vpc === undefined || !scope.vpcs.includes(vpc)) return undefined;
  return isGuardDutys(tags) ? "cluster" : "vpc";
}

function isOfCluster(clusterName: string, tags: Tags): boolean {
  return tags[clusterTagKey(clusterName)] === "owned" || clusterTagKeys.some((key) => tags[key] === clusterName);
}

/** Tags as most services list them. */
export function tagsOf(list: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Tags {
  return Object.fromEntries(list.map(({ Key: key = "", Value: value = "" }) => [key, value]));
}
