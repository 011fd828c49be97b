import type { AwsError } from "../proxy/aws-errors.ts";
import type { AwsRequest, EmulatorPatch } from "../emulator/patch.ts";
import type { AwsDay } from "./day.ts";

/** For so long after its first use a new role is not there for others, in milliseconds. */
const lag = 4_000;
/** What is older than this has spread, in milliseconds. */
const spread = 15 * 60_000;

/** When a role was made, and when each service asked for it first. */
interface Fresh {
  made: number;
  used: Map<string, number>;
}

/**
 * A new role is not found, not assumable and not taken by EKS for some seconds.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
 */
export function freshRoles(day: AwsDay): EmulatorPatch {
  const roles = new Map<string, Fresh>();
  const isFresh = (name: string, by: string): boolean => {
    const known = roles.get(name);
    const now = Date.now();
    if (!known || now > known.made + spread) return false;
    const used = known.used.get(by) ?? now;
    known.used.set(by, used);
    return now <= used + lag;
  };
  return {
    name: "iam-fresh-roles",
    operations: [
      "iam:CreateRole",
      "iam:GetRole",
      "sts:AssumeRoleWithWebIdentity",
      "eks:CreateCluster",
      "eks:CreatePodIdentityAssociation",
    ],
    refuse(request) {
      const name = named(request);
      const { service, action } = request.operation;
      if (name === undefined || action === "CreateRole" || !isFresh(name, service)) return Promise.resolve(undefined);
      day.hit(service === "sts" ? "role-not-assumable" : "fresh-role", request);
      return Promise.resolve(refusal(request, name));
    },
    rewrite(exchange) {
      const name = named(exchange);
      const failed = exchange.answer.status >= 300;
      if (name === undefined || exchange.operation.action !== "CreateRole" || failed) return undefined;
      roles.set(name, { made: Date.now(), used: new Map() });
      return undefined;
    },
  };
}

/** The name of the role that a request is about. */
function named({ operation: { service }, body }: AwsRequest): string | undefined {
  if (service === "eks") return (JSON.parse(body) as { roleArn?: string }).roleArn?.split("/").pop();
  const form = new URLSearchParams(body);
  return form.get("RoleName") ?? form.get("RoleArn")?.split("/").pop();
}

function refusal({ operation: { service, action }, body }: AwsRequest, name: string): AwsError {
  if (service === "iam")
    return { code: "NoSuchEntity", message: `The role with name ${name} cannot be found.`, status: 404 };
  if (service === "sts")
    return { code: "AccessDenied", message: `Not authorized to perform sts:${action}`, status: 403 };
  const arn = (JSON.parse(body) as { roleArn?: string }).roleArn ?? name;
  const message =
    action === "CreateCluster" ? `roleArn, ${arn}, does not exist` : "Role provided in the request does not exist.";
  return { code: "InvalidParameterException", message, status: 400 };
}
