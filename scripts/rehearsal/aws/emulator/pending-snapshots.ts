import type { EmulatorPatch } from "./patch.ts";

/**
 * A snapshot is pending until all of its volume is copied; in the emulator it is complete at once. Here it is still
 * pending when it is looked at for the first time.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Snapshot.html
 */
export function pendingSnapshots(): EmulatorPatch {
  const pending = new Set<string>();
  const named = /<snapshotId>(snap-[0-9a-f]+)<\/snapshotId>/;
  return {
    name: "ec2-pending-snapshots",
    operations: ["ec2:CreateSnapshot", "ec2:DescribeSnapshots"],
    rewrite({ operation, answer }) {
      if (answer.status >= 300) return undefined;
      const body = answer.body.toString();
      const created = operation.action === "CreateSnapshot" ? named.exec(body)?.[1] : undefined;
      if (created) pending.add(created);
      const told = new Set<string>();
      const parts = body.split(/(?=<snapshotId>)/).map((part) => {
        const id = named.exec(part)?.[1];
        if (!id || !pending.has(id)) return part;
        told.add(id);
        return part.replace("<status>completed</status>", "<status>pending</status>");
      });
      if (!created) for (const id of told) pending.delete(id);
      return { ...answer, body: parts.join("") };
    },
  };
}
