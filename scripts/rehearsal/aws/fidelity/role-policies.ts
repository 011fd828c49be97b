import { IAM } from "@aws-sdk/client-iam";
import { allows, type AwsAttempt, matches } from "../../../../terraform/test-evaluate.ts";
import type { Statement } from "../../../identities/policies.ts";
import type { AwsError } from "../proxy/aws-errors.ts";
import { rootCredentials } from "../emulator/emulator.ts";
import type { AwsRequest } from "../emulator/patch.ts";

/** What the policies of roles allow, as the emulator has them at the moment. */
export class RolePolicies {
  readonly #iam: IAM;

  /** @param upstream the emulator's address */
  constructor(upstream: string) {
    this.#iam = new IAM({ endpoint: upstream, region: "us-east-1", credentials: rootCredentials });
  }

  /** Whether the policies of the caller's role allow what it attempts. */
  async may({ roleArn }: AwsRequest, attempt: AwsAttempt): Promise<boolean> {
    if (roleArn === undefined) return true;
    return (await this.#statements(roleArn)).some((statement) => allows(statement, attempt));
  }

  /**
   * The refusal of the first attempt that the caller's policies do not allow. Whoever may not make the request at all is
   * refused that first, as by the emulator.
   *
   * @param code the service's name for a refusal
   */
  async refusal(
    request: AwsRequest,
    attempts: readonly AwsAttempt[],
    { code, status }: { code: string; status: number },
  ): Promise<AwsError | undefined> {
    if (!(await this.#mayAsk(request))) return undefined;
    for (const attempt of attempts) {
      if (await this.may(request, attempt)) continue;
      const { action, resource } = attempt;
      const message = `User: ${request.roleArn ?? "root"} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
      return { code, message, status };
    }
    return undefined;
  }

  /** Whether any statement is about the request's own action. */
  async #mayAsk({ roleArn, operation: { service, action } }: AwsRequest): Promise<boolean> {
    if (roleArn === undefined) return true;
    const patterns = (await this.#statements(roleArn)).flatMap(({ Action }) => Action);
    return patterns.some((pattern) => matches(pattern, `${service}:${action}`));
  }

  /** Every statement of a role's policies, its own and those attached to it. */
  async #statements(arn: string): Promise<Statement[]> {
    const RoleName = arn.split("/").pop() ?? "";
    const [{ PolicyNames = [] }, { AttachedPolicies = [] }] = await Promise.all([
      this.#iam.listRolePolicies({ RoleName }),
      this.#iam.listAttachedRolePolicies({ RoleName }),
    ]);
    const documents = await Promise.all([
      ...PolicyNames.map(
        async (PolicyName) => (await this.#iam.getRolePolicy({ RoleName, PolicyName })).PolicyDocument,
      ),
      ...AttachedPolicies.map(async ({ PolicyArn }) => {
        const { Policy } = await this.#iam.getPolicy({ PolicyArn });
        const found = await this.#iam.getPolicyVersion({ PolicyArn, VersionId: Policy?.DefaultVersionId });
        return found.PolicyVersion?.Document;
      }),
    ]);
    return documents.flatMap(statementsOf);
  }
}

/** The statements of a policy, which IAM gives percent-encoded. */
export function statementsOf(document = ""): Statement[] {
  const text = document.startsWith("%") ? decodeURIComponent(document) : document;
  const { Statement = [] } = JSON.parse(text || "{}") as { Statement?: Statement | Statement[] };
  return [Statement].flat();
}
