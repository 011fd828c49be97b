import { type Fields, patchJson, type EmulatorPatch } from "./patch.ts";

/** What a request about a log group's key names. */
interface LogGroupKey {
  logGroupName?: string;
  kmsKeyId?: string;
}

/**
 * A log group that is there can be given another key, which the emulator knows only of one that it makes.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html
 */
export function logGroupKeys(): EmulatorPatch {
  const keys = new Map<string, string | undefined>();
  const withKey = (group: Fields): Fields => {
    const name = String(group.logGroupName);
    return keys.has(name) ? { ...group, kmsKeyId: keys.get(name) } : group;
  };
  return {
    name: "logs-keys",
    operations: ["AssociateKmsKey", "DisassociateKmsKey", "DeleteLogGroup", "DescribeLogGroups"].map(
      (action) => `logs:${action}`,
    ),
    answer({ operation, body }) {
      if (operation.action === "DescribeLogGroups") return Promise.resolve(undefined);
      const { logGroupName = "", kmsKeyId } = JSON.parse(body) as LogGroupKey;
      if (operation.action === "DeleteLogGroup") {
        keys.delete(logGroupName);
        return Promise.resolve(undefined);
      }
      keys.set(logGroupName, kmsKeyId);
      return Promise.resolve({ status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: "{}" });
    },
    rewrite({ operation, answer }) {
      if (operation.action !== "DescribeLogGroups") return undefined;
      return patchJson(answer, (body) => ({ ...body, logGroups: ((body.logGroups ?? []) as Fields[]).map(withKey) }));
    },
  };
}
