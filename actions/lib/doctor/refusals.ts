import { environmentOf } from "../config/config.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import type { DoctorClients } from "./account.ts";
import type { DoctorCheck, CheckResult } from "./finding.ts";

type Ec2 = typeof import("@aws-sdk/client-ec2");

/** What is tried: EC2 says whether it would be allowed, and does nothing. */
const attempts: Readonly<Record<string, (sdk: Ec2, client: DoctorClients["ec2"], type: string) => Promise<unknown>>> = {
  "ec2:CreateVpc": (sdk, client) => client.send(new sdk.CreateVpcCommand({ DryRun: true, CidrBlock: "10.0.0.0/16" })),
  "ec2:CreateInternetGateway": (sdk, client) => client.send(new sdk.CreateInternetGatewayCommand({ DryRun: true })),
  "ec2:AllocateAddress": (sdk, client) => client.send(new sdk.AllocateAddressCommand({ DryRun: true, Domain: "vpc" })),
  "ec2:RunInstances": (sdk, client, type) =>
    client.send(
      new sdk.RunInstancesCommand({
        DryRun: true,
        MinCount: 1,
        MaxCount: 1,
        InstanceType: type as "t3.large",
        ImageId: "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
      }),
    ),
};

/**
 * What a policy of the organization forbids in this account. Dry runs of EC2 see it; EKS, KMS and IAM have none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export const refusals: DoctorCheck = {
  id: "scp-refusals",
  title: "what the organization forbids",
  explains: /service control policy|resource control policy|permissions boundary/i,
  async look(subject) {
    const { clients } = await subject.account();
    const sdk = await import("@aws-sdk/client-ec2");
    const [type = "t3.large"] = environmentOf(subject.config, subject.environment).cluster.nodes.types;
    const answers = await Promise.all(
      Object.entries(attempts).map(async ([action, attempt]) => ({
        action,
        answer: await attempt(sdk, clients.ec2, type).then(
          () => new Error("EC2 took a dry run for the real thing."),
          (error: unknown) => error,
        ),
      })),
    );
    const found = answers.flatMap(({ action, answer }): CheckResult[] => {
      const by = /(service control|resource control) policy|permissions boundary/i.exec(messageOf(answer))?.[0];
      if (!by) return [];
      return [
        {
          level: "blocks",
          says: `A ${by} of the organization forbids ${action}${action.endsWith("RunInstances") ? ` (${type})` : ""} in ${subject.config.aws.region}.`,
          next: "Ask whoever manages the organization to allow it, or use another account or region.",
        },
      ];
    });
    if (found.length > 0) return found;
    const tried = answers
      .filter(({ answer }) => (answer as Error).name === "DryRunOperation")
      .map(({ action }) => action);
    if (tried.length === 0)
      throw new SlipwayError(`These credentials may not try it (${(answers[0]?.answer as Error).name}).`, {
        next: "Use an administrator's credentials.",
      });
    return [{ level: "ok", says: `Nothing forbids ${tried.join(", ")}.` }];
  },
};
