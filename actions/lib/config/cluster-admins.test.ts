import { expect, test } from "vitest";
import { isPipelineRole, problemOfAdmin, problemOfAdmins } from "./cluster-admins.ts";

test.each([
  "arn:aws:iam::123456789012:role/admin",
  "arn:aws:iam::123456789012:user/ada",
  "arn:aws:iam::123456789012:user/people/ada@example.com",
  "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
  "arn:aws:iam::210987654321:role/of-another-account",
])("%s may be an administrator", (arn) => {
  expect(problemOfAdmin(arn)).toBeUndefined();
});

test.each([
  ["arn:aws:iam::123456789012:root", "EKS gives the root user no access; use the ARN of a role or user"],
  [
    "arn:aws:sts::123456789012:assumed-role/admin/ada",
    "use the role itself, arn:aws:iam::123456789012:role/admin, with its path if it has one",
  ],
  [
    "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/ada@example.com",
    'itself: "aws iam get-role --role-name AWSReservedSSO_Admin_0123456789abcdef --query Role.Arn" prints it',
  ],
  [
    "arn:aws:iam::123456789012:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS",
    "belongs to an AWS service",
  ],
  ["arn:aws:sts::123456789012:federated-user/ada", "use the ARN of an IAM role or user, such as"],
  ["arn:aws:iam::123456789012:group/admins", "use the ARN of an IAM role or user, such as"],
  ["arn:aws:iam::123456789012:role/", "use the ARN of an IAM role or user, such as"],
  ["arn:aws:iam::123456789012:role/*", "use the ARN of an IAM role or user, such as"],
  ["arn:aws:iam::1234:role/admin", "use the ARN of an IAM role or user, such as"],
  ["arn:aws-cn:iam::123456789012:role/admin", "use the ARN of an IAM role or user, such as"],
  ["123456789012", "use the ARN of an IAM role or user, such as"],
  ["admin", '"aws sts get-caller-identity" shows who you are'],
  ["", "use the ARN of an IAM role or user, such as"],
])("%j may not, and is told what to write", (arn, told) => {
  expect(problemOfAdmin(arn)).toContain(told);
});

test("nobody is named twice", () => {
  const [ada, bob] = ["arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:user/bob"];
  expect(problemOfAdmins([ada, bob])).toBeUndefined();
  expect(problemOfAdmins([ada, bob, ada])).toContain(`${ada} is there twice`);
});

test.each([
  ["role/demo-plan", true],
  ["role/demo-deploy", true],
  ["role/demo-apply-dev", true],
  ["role/demo-dev.node", false],
  ["role/shopping-plan", false],
  ["role/admin", false],
])("whether %s is the pipeline's own", (name, expected) => {
  const config = { project: "demo", account: "123456789012" };
  expect(isPipelineRole(`arn:aws:iam::123456789012:${name}`, config)).toBe(expected);
  expect(isPipelineRole(`arn:aws:iam::210987654321:${name}`, config)).toBe(false);
});
