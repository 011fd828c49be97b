import type { AwsOperation } from "../aws/proxy/aws-operations.ts";
import { type Parameters, valuesOf } from "./parameters.ts";
import { referenceOf } from "./reference.ts";

/**
 * Operations whose permission has another name.
 * S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * Budgets: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html
 * The registry: https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
const others: Readonly<Record<string, string>> = {
  "s3:ListBuckets": "s3:ListAllMyBuckets",
  "s3:ListObjects": "s3:ListBucket",
  "s3:ListObjectsV2": "s3:ListBucket",
  "s3:HeadBucket": "s3:ListBucket",
  "s3:ListObjectVersions": "s3:ListBucketVersions",
  "s3:HeadObject": "s3:GetObject",
  "s3:DeleteObjects": "s3:DeleteObject",
  "s3:UploadPart": "s3:PutObject",
  "s3:ListMultipartUploads": "s3:ListBucketMultipartUploads",
  "budgets:CreateBudget": "budgets:ModifyBudget",
  "budgets:UpdateBudget": "budgets:ModifyBudget",
  "budgets:DeleteBudget": "budgets:ModifyBudget",
  "budgets:CreateNotification": "budgets:ModifyBudget",
  "budgets:UpdateNotification": "budgets:ModifyBudget",
  "budgets:DeleteNotification": "budgets:ModifyBudget",
  "budgets:CreateSubscriber": "budgets:ModifyBudget",
  "budgets:UpdateSubscriber": "budgets:ModifyBudget",
  "budgets:DeleteSubscriber": "budgets:ModifyBudget",
  "budgets:DescribeBudget": "budgets:ViewBudget",
  "budgets:DescribeBudgets": "budgets:ViewBudget",
  "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
  "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
  "registry:HEAD blobs": "ecr:BatchCheckLayerAvailability",
  "registry:GET blobs": "ecr:GetDownloadUrlForLayer",
  "registry:HEAD manifests": "ecr:BatchGetImage",
  "registry:GET manifests": "ecr:BatchGetImage",
  "registry:PUT manifests": "ecr:PutImage",
  "registry:GET tags": "ecr:ListImages",
  "registry:POST blobs/uploads": "ecr:InitiateLayerUpload",
  "registry:PATCH blobs/uploads": "ecr:UploadLayerPart",
  "registry:PUT blobs/uploads": "ecr:CompleteLayerUpload",
};

/** What is asked of one version of an object. */
const ofVersions: Readonly<Record<string, string>> = {
  "s3:GetObject": "s3:GetObjectVersion",
  "s3:DeleteObject": "s3:DeleteObjectVersion",
};

/**
 * The permission that an operation asks for; undefined where it asks for none.
 *
 * @throws Error for an operation that neither the reference nor the table above knows
 */
export async function actionOf({ service, action }: AwsOperation, parameters: Parameters): Promise<string | undefined> {
  if (service === "registry" && action.endsWith(" ping")) return undefined;
  const name = `${service === "tagging" ? "tag" : service}:${action}`;
  const permission = others[name] ?? name;
  const found = await referenceOf(permission);
  if (!found) throw new Error(`Neither AWS's reference nor scripts/rehearsal/permissions/actions.ts knows ${name}.`);
  const version = valuesOf(parameters, "versionId").some((each) => each !== "") && ofVersions[found.action];
  return version || found.action;
}
