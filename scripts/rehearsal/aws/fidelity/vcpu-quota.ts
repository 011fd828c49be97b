import { EKS } from "@aws-sdk/client-eks";
import { rootCredentials } from "../emulator/emulator.ts";
import { type AccountFacts, processorsOf } from "../facts/account-facts.ts";
import { type Fields, patchJson, type EmulatorPatch } from "../emulator/patch.ts";
import type { AwsOperation } from "../proxy/aws-operations.ts";
import type { AwsDay } from "./day.ts";

/** Of running on-demand instances of the standard families. */
const quotaCode = "L-1216C47A";

/** A node group, as EKS tells it. */
interface EksNodeGroup {
  clusterName: string;
  nodegroupName: string;
  instanceTypes?: string[];
  scalingConfig?: { desiredSize?: number };
}

/**
 * A node group that needs more virtual processors than the account may have fails, and says so in its health. The emulator
 * starts no instances and lets everything succeed. On a bad day the first node group fails like this, although Service
 * Quotas tells of more: a quota that was raised is told before it counts.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 *
 * @param upstream the emulator's address
 */
export function vcpuQuota(upstream: string, facts: AccountFacts, day: AwsDay): EmulatorPatch {
  /** The issue of each node group that has failed. */
  const failed = new Map<string, Fields>();
  let raised = !day.bad;
  const keyOf = ({ clusterName, nodegroupName }: EksNodeGroup) => `${clusterName}/${nodegroupName}`;
  const needs = ({ instanceTypes: [type = ""] = [], scalingConfig }: EksNodeGroup) =>
    processorsOf(type) * (scalingConfig?.desiredSize ?? 1);

  return {
    name: "eks-vcpu-quota",
    operations: ["eks:CreateNodegroup", "eks:DescribeNodegroup"],
    async rewrite(exchange) {
      const { operation, answer } = exchange;
      if (answer.status >= 300) return undefined;
      const { nodegroup } = JSON.parse(answer.body.toString()) as { nodegroup: EksNodeGroup };
      const key = keyOf(nodegroup);
      if (operation.action === "CreateNodegroup") {
        failed.delete(key);
        const running = (await nodeGroups(upstream, operation)).filter((one) => !failed.has(keyOf(one)));
        const limit = raised ? (facts.quotas.get(quotaCode) ?? 0) : 1;
        raised = true;
        if (running.reduce((sum, one) => sum + needs(one), 0) <= limit) return undefined;
        day.hit("vcpu-quota", exchange);
        failed.set(key, issue(limit));
        return withFields(exchange.answer, { status: "CREATING" });
      }
      const health = failed.get(key);
      return health && withFields(answer, { status: "CREATE_FAILED", health: { issues: [health] } });
    },
  };
}

function withFields(answer: Parameters<typeof patchJson>[0], fields: Fields) {
  return patchJson(answer, (body) => ({ ...body, nodegroup: { ...(body.nodegroup as Fields), ...fields } }));
}

function issue(limit: number): Fields {
  const message =
    `Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit of ${limit} ` +
    "allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request " +
    "to request an adjustment to this limit. Launching EC2 instance failed.";
  return { code: "AsgInstanceLaunchFailures", message, resourceIds: [] };
}

/** Every node group of a region. */
async function nodeGroups(upstream: string, { region }: AwsOperation): Promise<EksNodeGroup[]> {
  const eks = new EKS({ endpoint: upstream, region, credentials: rootCredentials });
  try {
    const found: EksNodeGroup[] = [];
    for (const clusterName of (await eks.listClusters({})).clusters ?? [])
      for (const nodegroupName of (await eks.listNodegroups({ clusterName })).nodegroups ?? []) {
        const { nodegroup } = await eks.describeNodegroup({ clusterName, nodegroupName });
        found.push({ ...(nodegroup as Partial<EksNodeGroup>), clusterName, nodegroupName });
      }
    return found;
  } finally {
    eks.destroy();
  }
}
