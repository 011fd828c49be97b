import { KMS } from "@aws-sdk/client-kms";
import { allows } from "../../../../terraform/test-evaluate.ts";
import type { Statement } from "../../../identities/policies.ts";
import { rootCredentials } from "../emulator/emulator.ts";
import type { AwsRequest, EmulatorPatch } from "../emulator/patch.ts";
import { type RolePolicies, statementsOf } from "./role-policies.ts";
import type { AwsDay } from "./day.ts";

/** How long a new key's tags do not count, in milliseconds; in AWS up to five minutes. */
const delay = 20_000;

/** A statement of a key's own policy, which says whom it is about. */
type KeyStatement = Statement & { Principal?: string | { AWS?: string | readonly string[] } };

/**
 * The tags of a new key count for authorization only after a while: what is allowed by them alone is refused until then.
 * https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
 *
 * @param upstream the emulator's address
 */
export function keyTags(upstream: string, policies: RolePolicies, day: AwsDay): EmulatorPatch {
  /** When keys were made, by their ids. */
  const made = new Map<string, number>();
  return {
    name: "kms-tag-delay",
    operations: ["kms:*"],
    async refuse(request) {
      const { operation, body } = request;
      const role = request.roleArn;
      const { KeyId = "", TargetKeyId = KeyId } = JSON.parse(body || "{}") as { KeyId?: string; TargetKeyId?: string };
      const id = TargetKeyId.split("/").pop() ?? "";
      if (role === undefined || (made.get(id) ?? 0) + delay < Date.now()) return undefined;
      day.hit("key-tags", request);
      const account = role.split(":")[4] ?? "";
      const action = `kms:${operation.action}`;
      const resource = `arn:aws:kms:${operation.region}:${account}:key/${id}`;
      const context = { "aws:PrincipalArn": role, "kms:CallerAccount": account };
      const own = await keyStatements(upstream, request, id);
      const byKey = own.some((each) => names(each, role) && allows(each, { action, resource, context }));
      if (byKey) return undefined;
      return policies.refusal(request, [{ action, resource, context }], { code: "AccessDeniedException", status: 400 });
    },
    rewrite({ operation, answer }) {
      if (operation.action !== "CreateKey" || answer.status >= 300) return undefined;
      const { KeyMetadata } = JSON.parse(answer.body.toString()) as { KeyMetadata: { KeyId: string } };
      made.set(KeyMetadata.KeyId, Date.now());
      return undefined;
    },
  };
}

/** Whether a statement of a key's policy is about a role itself; one about the account leaves the decision to IAM. */
function names({ Principal }: KeyStatement, role: string): boolean {
  const listed = typeof Principal === "string" ? [Principal] : [Principal?.AWS ?? []].flat();
  return listed.includes("*") || listed.includes(role);
}

async function keyStatements(upstream: string, { operation }: AwsRequest, KeyId: string): Promise<KeyStatement[]> {
  const kms = new KMS({ endpoint: upstream, region: operation.region, credentials: rootCredentials });
  try {
    const { Policy } = await kms.getKeyPolicy({ KeyId, PolicyName: "default" });
    return statementsOf(Policy);
  } finally {
    kms.destroy();
  }
}
