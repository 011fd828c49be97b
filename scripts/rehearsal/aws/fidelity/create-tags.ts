import type { AwsAttempt } from "../../../../terraform/test-evaluate.ts";
import type { AwsRequest, EmulatorPatch } from "../emulator/patch.ts";
import type { RolePolicies } from "./role-policies.ts";
import type { AwsDay } from "./day.ts";

/** EC2's operations that may tag what they make, as far as anybody here calls them. */
const making = [
  "AllocateAddress",
  "CreateInternetGateway",
  "CreateLaunchTemplate",
  "CreateNatGateway",
  "CreateNetworkInterface",
  "CreateRouteTable",
  "CreateSecurityGroup",
  "CreateSnapshot",
  "CreateSubnet",
  "CreateVolume",
  "CreateVpc",
  "CreateVpcEndpoint",
  "RunInstances",
];

/**
 * Whoever tags what is being made needs `ec2:CreateTags` too, with the operation as `ec2:CreateAction`. The emulator
 * looks at the operation alone.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
 */
export function tagsOnCreate(policies: RolePolicies, day: AwsDay): EmulatorPatch {
  return {
    name: "ec2-create-tags",
    operations: making.map((action) => `ec2:${action}`),
    async refuse(request) {
      const role = request.roleArn;
      const attempts = attemptsOf(request, role?.split(":")[4] ?? "");
      for (const _ of attempts) day.hit("tag-on-create", request);
      return policies.refusal(request, attempts, { code: "UnauthorizedOperation", status: 403 });
    },
  };
}

/** One attempt for each kind of resource that a request tags. */
function attemptsOf({ operation: { action, region }, body }: AwsRequest, account: string): AwsAttempt[] {
  const form = new URLSearchParams(body);
  const attempts: AwsAttempt[] = [];
  for (let index = 1; ; index++) {
    const prefix = `TagSpecification.${index}`;
    const kind = form.get(`${prefix}.ResourceType`);
    if (kind === null) return attempts;
    const context: Record<string, string> = { "ec2:CreateAction": action };
    for (let tag = 1; form.has(`${prefix}.Tag.${tag}.Key`); tag++)
      context[`aws:RequestTag/${form.get(`${prefix}.Tag.${tag}.Key`)}`] = form.get(`${prefix}.Tag.${tag}.Value`) ?? "";
    attempts.push({ action: "ec2:CreateTags", resource: `arn:aws:ec2:${region}:${account}:${kind}/new`, context });
  }
}
