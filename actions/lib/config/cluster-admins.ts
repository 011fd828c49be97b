const example = "arn:aws:iam::123456789012:role/admin";

/** Names with their paths, as IAM writes them: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const lasting = /^arn:aws:iam::\d{12}:(role|user)\/[\w+=,.@/-]*[\w+=,.@-]$/;

/**
 * Why an ARN cannot be an administrator of a cluster; undefined for the ARN of an IAM role or user, in any account. EKS
 * gives access to roles and users, and not to sessions or the root user:
 * https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
 */
export function problemOfAdmin(arn: string): string | undefined {
  const session = /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)(?:\/|$)/.exec(arn);
  if (session) return problemOfSession(session[1] ?? "", session[2] ?? "");
  if (/^arn:aws:iam::\d{12}:root$/.test(arn))
    return `EKS gives the root user no access; use the ARN of a role or user, such as ${example}`;
  if (/^arn:aws:iam::\d{12}:role\/aws-service-role\//.test(arn))
    return `this role belongs to an AWS service and nobody can assume it; use another role, such as ${example}`;
  if (!lasting.test(arn))
    return `use the ARN of an IAM role or user, such as ${example}; "aws sts get-caller-identity" shows who you are`;
  return undefined;
}

/** What people copy from "aws sts get-caller-identity"; it names no path, which an entry needs. */
function problemOfSession(account: string, role: string): string {
  const print = `"aws iam get-role --role-name ${role} --query Role.Arn" prints it`;
  // Roles of IAM Identity Center are in a path: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
  return role.startsWith("AWSReservedSSO_")
    ? `this is one session of a role; use the ARN of the role itself: ${print}`
    : `this is one session of a role; use the role itself, arn:aws:iam::${account}:role/${role}, with its path if it has one: ${print}`;
}

/** Why a list of administrators cannot be; undefined where it can. */
export function problemOfAdmins(arns: readonly string[]): string | undefined {
  const twice = arns.find((arn, index) => arns.indexOf(arn) !== index);
  return twice && `${twice} is there twice; name each role and user once`;
}

/** Whether an ARN is a role of the pipeline. These have their own access entries, or none on purpose. */
export function isPipelineRole(arn: string, { project, account }: { project: string; account: string }): boolean {
  const role = new RegExp(`^arn:aws:iam::${account}:role/${project}-(plan|deploy|apply-.+)$`);
  return role.test(arn);
}
