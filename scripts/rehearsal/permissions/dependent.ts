import type { RecordedCall } from "./record.ts";
import { referenceOf } from "./reference.ts";
import type { Authorization } from "./resources.ts";

/** Something more that must be allowed for a call. */
export interface Dependent extends RecordedCall {
  /** The call, and the page that says so. */
  because: string;
}

const reference = "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html";

/** Dependent actions that none of our requests needs, with the reason and its source. */
const notForUs: Readonly<Record<string, string>> = {
  // Only of a launch template or a request that names its image by a parameter of Systems Manager; ours names none.
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html
  "ssm:GetParameters": "no image is named by a parameter",
  // Only of budgets of billing views that other accounts share:
  // https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-SLR.html
  "budgets:ModifyBudget iam:CreateServiceLinkedRole": "no billing view of another account",
  "budgets:ViewBudget billing:GetBillingViewData": "no billing view of another account",
  // Only of keys for several regions: https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html
  "kms:CreateKey iam:CreateServiceLinkedRole": "no key for several regions",
  // That whoever makes a key can change its policy later, its policy says: terraform/modules/cluster and terraform/registry.
  // https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
  "kms:CreateKey kms:PutKeyPolicy": "the key's own policy allows it",
  // Only where the request hands a role over by an instance profile. Ours name none; EKS's are in in-our-name.ts.
  "ec2:RunInstances iam:PassRole": "no instance profile in a request",
};

const isRequestTag = ([key]: readonly [string, string]) => key.startsWith("aws:RequestTag/");
const isMade = ({ context }: Authorization) => !Object.keys(context).some((key) => key.startsWith("aws:ResourceTag/"));

/** What AWS's reference names in addition to a call's own action. */
export async function dependentsOf(call: RecordedCall): Promise<Dependent[]> {
  const { dependent = [] } = (await referenceOf(call.action)) ?? {};
  const tags = Object.entries(call.context).filter(isRequestTag);
  return dependent.flatMap((action) => {
    if (notForUs[action] ?? notForUs[`${call.action} ${action}`]) return [];
    const tagging = /:(CreateTags|TagResource|AddTags)$/.test(action);
    // What is tagged is what is made, and not the network that it is made in.
    if (tagging && (tags.length === 0 || !isMade(call))) return [];
    // A quota of a service is looked up with that service: only the one that is asked for counts.
    if (call.action === "servicequotas:GetServiceQuota" && !call.resource.includes(`:${action.split(":")[0]}/`))
      return [];
    const [, name = ""] = call.action.split(":");
    const context = {
      ...(tagging ? Object.fromEntries(tags) : call.context),
      ...(action === "ec2:CreateTags" && { "ec2:CreateAction": name }),
    };
    const resource = action.startsWith(`${call.action.split(":")[0]}:`) ? call.resource : "*";
    return [{ role: call.role, action, resource, context, because: `${call.action}, ${reference}` }];
  });
}
