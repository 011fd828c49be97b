import type * as Eks from "@aws-sdk/client-eks";
import { absentAt, type Kind, type Resource, type Scope } from "./resource.ts";

const absent = /^ResourceNotFoundException$/;

async function withEks<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof Eks, client: Eks.EKSClient) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-eks");
  const client = new sdk.EKSClient({ region, credentials, maxAttempts: 5 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

function describeCluster(scope: Scope, name: string): Promise<Resource | undefined> {
  return withEks(scope, async (sdk, client) => {
    const found = await client.send(new sdk.DescribeClusterCommand({ name })).catch(absentAt(absent));
    const { arn, status = "?", version = "?" } = found?.cluster ?? {};
    return arn === undefined
      ? undefined
      : { kind: "cluster", id: arn, name, billables: [{ kind: "cluster", quantity: 1 }], facts: { status, version } };
  });
}

function describeGroup(scope: Scope, clusterName: string, nodegroupName: string): Promise<Resource | undefined> {
  return withEks(scope, async (sdk, client) => {
    const command = new sdk.DescribeNodegroupCommand({ clusterName, nodegroupName });
    const { nodegroupArn: id, status = "?", scalingConfig } =
      (await client.send(command).catch(absentAt(absent)))?.nodegroup ?? {};
    // Its machines are counted as such.
    const facts = { status, nodes: scalingConfig?.desiredSize ?? 0 };
    return id === undefined ? undefined : { kind: "node-group", id, name: nodegroupName, billables: [], facts };
  });
}

/** EKS with its node groups, which go first. */
export const eksKinds: readonly Kind[] = [
  {
    name: "node-group",
    matches: (arn) => /:eks:.*:nodegroup\//.test(arn),
    find: async (scope) => {
      const names = await withEks(scope, async (sdk, client) => {
        const found: string[] = [];
        try {
          for await (const page of sdk.paginateListNodegroups({ client }, { clusterName: scope.clusterName }))
            found.push(...(page.nodegroups ?? []));
        } catch (error) {
          absentAt(absent)(error);
        }
        return found;
      });
      const groups = await Promise.all(names.map((name) => describeGroup(scope, scope.clusterName, name)));
      return groups.filter((group) => group !== undefined);
    },
    // …:nodegroup/<cluster>/<name>/<id>
    confirm: (scope, arn) => {
      const [, cluster = "", name = ""] = arn.split("/");
      return describeGroup(scope, cluster, name);
    },
    remove: (scope, { id }) =>
      withEks(scope, async (sdk, client) => {
        const [, clusterName, nodegroupName] = id.split("/");
        const command = new sdk.DeleteNodegroupCommand({ clusterName, nodegroupName });
        await client.send(command).catch(absentAt(/^(ResourceNotFoundException|ResourceInUseException)$/));
      }),
  },
  {
    name: "cluster",
    matches: (arn) => /:eks:.*:cluster\//.test(arn),
    find: async (scope) => {
      const found = await describeCluster(scope, scope.clusterName);
      return found ? [found] : [];
    },
    confirm: (scope, arn) => describeCluster(scope, arn.split("/")[1] ?? ""),
    remove: (scope, { name }) =>
      withEks(scope, async (sdk, client) => {
        // In use: it has node groups still, or its deletion is under way. Whoever asks looks again.
        const inUse = absentAt(/^(ResourceNotFoundException|ResourceInUseException)$/);
        await client.send(new sdk.DeleteClusterCommand({ name })).catch(inUse);
      }),
  },
];
