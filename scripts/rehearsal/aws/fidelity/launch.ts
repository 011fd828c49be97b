import type { AwsAttempt } from "../../../../terraform/test-evaluate.ts";
import type { NetworkInterfaces } from "../emulator/network-interfaces.ts";
import type { AwsRequest, EmulatorPatch } from "../emulator/patch.ts";
import type { RolePolicies } from "./role-policies.ts";
import type { AwsDay } from "./day.ts";

/** What EKS is asked for. */
interface NodeGroupRequest {
  subnets?: string[];
  launchTemplate?: { id?: string };
}

/**
 * EKS tries a node group's launch template in the caller's name: the caller needs `ec2:RunInstances` for everything that an
 * instance consists of, with the condition keys that each has, and `ec2:CreateTags` for the template's tags.
 * https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
export function launches(policies: RolePolicies, interfaces: NetworkInterfaces, day: AwsDay): EmulatorPatch {
  return {
    name: "eks-launch-template",
    operations: ["eks:CreateNodegroup"],
    async refuse(request) {
      const role = request.roleArn;
      const asked = JSON.parse(request.body) as NodeGroupRequest;
      if (role === undefined || !asked.launchTemplate) return undefined;
      day.hit("start-in-callers-name", request);
      const attempts = await attemptsOf(request, role.split(":")[4] ?? "", asked, interfaces);
      return policies.refusal(request, attempts, { code: "InvalidRequestException", status: 400 });
    },
  };
}

async function attemptsOf(
  { operation: { region } }: AwsRequest,
  account: string,
  { subnets = [], launchTemplate }: NodeGroupRequest,
  interfaces: NetworkInterfaces,
): Promise<AwsAttempt[]> {
  const ids = [...subnets, ...(launchTemplate?.id ? [launchTemplate.id] : [])];
  const filters = [{ Name: "resource-id", Values: ids }];
  const { Tags = [] } = await interfaces.emulator(region).describeTags({ Filters: filters });
  const tagsOf = (id: string) =>
    Object.fromEntries(
      Tags.filter(({ ResourceId }) => ResourceId === id).map(({ Key, Value }) => [
        `aws:ResourceTag/${Key}`,
        Value ?? "",
      ]),
    );
  const run = (resource: string, context: Record<string, string> = {}): AwsAttempt => ({
    action: "ec2:RunInstances",
    resource,
    context,
  });
  const own = (kind: string, id: string) => `arn:aws:ec2:${region}:${account}:${kind}/${id}`;
  return [
    run(`arn:aws:ec2:${region}::image/ami-eks`),
    ...["instance", "network-interface", "security-group", "volume"].map((kind) => run(own(kind, "new"))),
    ...subnets.map((id) => run(own("subnet", id), tagsOf(id))),
    ...(launchTemplate?.id ? [run(own("launch-template", launchTemplate.id), tagsOf(launchTemplate.id))] : []),
    { action: "ec2:CreateTags", resource: own("instance", "new"), context: { "ec2:CreateAction": "RunInstances" } },
  ];
}
