import type { AwsAttempt } from "../../../../terraform/test-evaluate.ts";
import type { AwsRequest, EmulatorPatch } from "../emulator/patch.ts";
import type { RolePolicies } from "./role-policies.ts";
import type { AwsDay } from "./day.ts";

/** A role of one of AWS's services. */
interface ServiceRole {
  service: string;
  name: string;
}

const eks: ServiceRole = { service: "eks.amazonaws.com", name: "AWSServiceRoleForAmazonEKS" };
const nodeGroups: ServiceRole = {
  service: "eks-nodegroup.amazonaws.com",
  name: "AWSServiceRoleForAmazonEKSNodegroup",
};
const spot: ServiceRole = { service: "spot.amazonaws.com", name: "AWSServiceRoleForEC2Spot" };
const balancers: ServiceRole = {
  service: "elasticloadbalancing.amazonaws.com",
  name: "AWSServiceRoleForElasticLoadBalancing",
};

/**
 * Services look in the caller's name for the role that is linked to them, and have it made in the caller's name where
 * it is missing. The emulator does neither.
 * https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles-eks.html
 * https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles-eks-nodegroups.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-service-linked-roles.html
 * https://github.com/terraform-aws-modules/terraform-aws-eks/issues/823
 */
export function serviceRoles(policies: RolePolicies, day: AwsDay): EmulatorPatch {
  /** The names of the roles that a new account has by now; an account that is in use has all. */
  const made = new Set<string>();
  return {
    name: "service-linked-roles",
    operations: ["eks:CreateCluster", "eks:CreateNodegroup", "elasticloadbalancing:CreateLoadBalancer"],
    async refuse(request) {
      const account = (request.roleArn ?? "").split(":")[4] ?? "";
      const needed = rolesFor(request);
      const missing = day.bad ? needed.filter(({ name }) => !made.has(name)) : [];
      // Of all of them, EKS alone asks for the role itself in the caller's name.
      const looked = request.operation.service === "eks" ? needed : [];
      const attempts = [
        ...looked.map((role) => attempt("iam:GetRole", role, account)),
        ...missing.map((role) => attempt("iam:CreateServiceLinkedRole", role, account)),
      ];
      for (const _ of looked) day.hit("find-service-role", request);
      for (const _ of missing) day.hit("missing-service-role", request);
      const query = request.operation.protocol === "query";
      const error = { code: query ? "AccessDenied" : "AccessDeniedException", status: 403 };
      const refusal = await policies.refusal(request, attempts, error);
      if (!refusal) for (const { name } of missing) made.add(name);
      return refusal;
    },
  };
}

function rolesFor({ operation: { action }, body }: AwsRequest): ServiceRole[] {
  if (action === "CreateLoadBalancer") return [balancers];
  if (action === "CreateCluster") return [eks];
  return [nodeGroups, ...(body.includes('"SPOT"') ? [spot] : [])];
}

function attempt(action: string, { service, name }: ServiceRole, account: string): AwsAttempt {
  return {
    action,
    resource: `arn:aws:iam::${account}:role/aws-service-role/${service}/${name}`,
    context: action === "iam:GetRole" ? {} : { "iam:AWSServiceName": service },
  };
}
