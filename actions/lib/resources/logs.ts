import type * as Logs from "@aws-sdk/client-cloudwatch-logs";
import { absentAt, type Kind, type Resource, type Scope } from "./resource.ts";

async function withLogs<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof Logs, client: Logs.CloudWatchLogsClient) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new sdk.CloudWatchLogsClient({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

async function list(scope: Scope, prefix: string): Promise<Resource[]> {
  return withLogs(scope, async (sdk, client) => {
    const found: Resource[] = [];
    for await (const page of sdk.paginateDescribeLogGroups({ client }, { logGroupNamePrefix: prefix }))
      for (const { logGroupName: name = "", storedBytes = 0, ...group } of page.logGroups ?? []) {
        const id = group.logGroupArn ?? `arn:aws:logs:${scope.region}:${scope.account}:log-group:${name}`;
        const facts = { size: storedBytes, "kept days": group.retentionInDays ?? "for ever" };
        found.push({ kind: "log-group", id, name, billables: [{ kind: "logs", quantity: storedBytes / 1e9 }], facts });
      }
    return found;
  });
}

const nameOf = (arn: string) => arn.replace(/^.*:log-group:/, "").replace(/:\*$/, "");

/** Log groups of the cluster: of its control plane, and whatever add-ons write: /aws/eks/<cluster>/… */
export const logKinds: readonly Kind[] = [
  {
    name: "log-group",
    matches: (arn) => /:logs:.*:log-group:/.test(arn),
    find: (scope) => list(scope, `/aws/eks/${scope.clusterName}/`),
    confirm: async (scope, arn) => (await list(scope, nameOf(arn))).find(({ name }) => name === nameOf(arn)),
    remove: (scope, { name }) =>
      withLogs(scope, async (sdk, client) => {
        const absent = absentAt(/^ResourceNotFoundException$/);
        await client.send(new sdk.DeleteLogGroupCommand({ logGroupName: name })).catch(absent);
      }),
  },
];
