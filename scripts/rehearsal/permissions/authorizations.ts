import { actionOf } from "./actions.ts";
import type { AwsCall } from "./calls.ts";
import { requestTags, valuesOf } from "./parameters.ts";
import { referenceOf } from "./reference.ts";
import { type Authorization, type AwsPlace, resourcesOf } from "./resources.ts";

/** Condition keys by the action whose requests have them, each with the parameters that it is read from. */
const conditionKeys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "acm:RequestCertificate": { "acm:DomainNames": "DomainName|SubjectAlternativeNames" },
  "iam:AttachRolePolicy": { "iam:PolicyARN": "PolicyArn" },
  "iam:CreateServiceLinkedRole": { "iam:AWSServiceName": "AWSServiceName" },
  "iam:DetachRolePolicy": { "iam:PolicyARN": "PolicyArn" },
  "route53:ChangeResourceRecordSets": {
    "route53:ChangeResourceRecordSetsNormalizedRecordNames": "Name",
    "route53:ChangeResourceRecordSetsRecordTypes": "Type",
    "route53:ChangeResourceRecordSetsActions": "Action",
  },
  "s3:ListBucket": { "s3:prefix": "prefix" },
};

/** Everything that IAM asks about a call itself; what hangs on it is in dependent.ts. */
export async function authorizationsOf(call: AwsCall, place: AwsPlace): Promise<Authorization[]> {
  const action = await actionOf(call.operation, call.parameters);
  const reference = action === undefined ? undefined : await referenceOf(action);
  if (!reference) return [];
  const request = requestContext(reference.action, call);
  return resourcesOf(call, reference, place).map(({ resource, context }) => ({
    action: reference.action,
    resource,
    context: { ...context, ...request },
  }));
}

function requestContext(action: string, { parameters }: AwsCall): Record<string, string> {
  const tags = Object.entries(requestTags(parameters)).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  const read = Object.entries(conditionKeys[action] ?? {}).flatMap(([key, names]) => {
    const values = names.split("|").flatMap((name) => valuesOf(parameters, name));
    const plain = values.map((value) => value.replace(/\.$/, "").toLowerCase());
    const kept = key.startsWith("route53:") && key.endsWith("Names") ? plain : values;
    return kept.length > 0 ? [[key, [...new Set(kept)].join(",")]] : [];
  });
  return Object.fromEntries([...tags, ...read]) as Record<string, string>;
}
