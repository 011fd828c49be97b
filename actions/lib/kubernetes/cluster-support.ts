import type { EKSClient } from "@aws-sdk/client-eks";

/** Whether AWS still supports the version at the usual price; `?` where it does not say. */
export async function supportOf(eks: EKSClient, version: string): Promise<"standard" | "extended" | "?"> {
  const { DescribeClusterVersionsCommand } = await import("@aws-sdk/client-eks");
  try {
    const answer = await eks.send(new DescribeClusterVersionsCommand({ clusterVersions: [version] }));
    const status = answer.clusterVersions?.[0]?.versionStatus;
    return status === "EXTENDED_SUPPORT" ? "extended" : status === "STANDARD_SUPPORT" ? "standard" : "?";
  } catch {
    return "?"; // it decides a price, and nothing else here
  }
}
