import type { CloudWatchLogs, LogGroup } from "@aws-sdk/client-cloudwatch-logs";
import { defineKind, pages } from "./resource.ts";

/**
 * How names of log groups begin that AWS gives out for a cluster: its control plane's, and those of its observability
 * add-on. Others are found by their tags.
 */
const prefixes = (clusterName: string) => [`/aws/eks/${clusterName}/`, `/aws/containerinsights/${clusterName}/`];

/** Log groups. Their size is hours old when CloudWatch tells it, so that none is taken for free. */
export const logGroups = defineKind<CloudWatchLogs, LogGroup>({
  name: "log-group",
  title: "log group",
  arn: { service: "logs", resource: /^log-group:([^:]+)(?::\*)?$/ },
  gone: ["ResourceNotFoundException"],
  open: async (settings) => new (await import("@aws-sdk/client-cloudwatch-logs")).CloudWatchLogs(settings),
  async *list(logs, { clusterName }) {
    for (const logGroupNamePrefix of prefixes(clusterName))
      yield* pages(logs.paginateDescribeLogGroups({ logGroupNamePrefix }), (page) => page.logGroups);
  },
  async get(logs, name, arn) {
    for await (const { logGroups: found = [] } of logs.paginateDescribeLogGroups({ logGroupNamePrefix: name })) {
      const exact = found.find(({ logGroupName }) => logGroupName === name);
      if (exact) return exact;
    }
    // A list by prefix knows no error for a name that is not there; this does.
    await logs.listTagsForResource({ resourceArn: arn.replace(/:\*$/, "") });
    return undefined;
  },
  describe: ({ logGroupName: name = "?", storedBytes = 0, creationTime: created }, scope) => ({
    id: `arn:aws:logs:${scope.region}:${scope.account}:log-group:${name}`,
    name,
    marks: { named: prefixes(scope.clusterName).some((prefix) => name.startsWith(prefix)) },
    facts: { bytes: storedBytes, ...(created && { created: new Date(created).toISOString() }) },
    billables: [{ kind: "logs", quantity: storedBytes / 1e9 }],
  }),
  remove: (logs, logGroupName) => logs.deleteLogGroup({ logGroupName }),
});
