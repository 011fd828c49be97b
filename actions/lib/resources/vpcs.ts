import type { EC2Client, Filter, Vpc } from "@aws-sdk/client-ec2";
import type { Config } from "../config/config.ts";
import { environmentTag, projectTag } from "./ownership.ts";
import type { Scope } from "./scope.ts";

/** How Terraform marks everything of an environment, as a filter of EC2. */
export function environmentTags({ project }: Pick<Config, "project">, environment: string): Filter[] {
  return [
    { Name: `tag:${projectTag}`, Values: [project] },
    { Name: `tag:${environmentTag}`, Values: [environment] },
  ];
}

/** The VPCs with these tags: none or one, unless something went wrong. */
export async function findVpcs(client: EC2Client, tags: Filter[]): Promise<Vpc[]> {
  const { DescribeVpcsCommand } = await import("@aws-sdk/client-ec2");
  return (await client.send(new DescribeVpcsCommand({ Filters: tags }))).Vpcs ?? [];
}

/** The same, with a client of its own. */
export async function vpcsWith({ region, credentials }: Pick<Scope, "region" | "credentials">, tags: Filter[]) {
  const { EC2Client } = await import("@aws-sdk/client-ec2");
  const client = new EC2Client({ region, credentials, maxAttempts: 5 });
  try {
    return await findVpcs(client, tags);
  } finally {
    client.destroy();
  }
}
