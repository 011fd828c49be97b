import type { Cluster, EKS, Nodegroup } from "@aws-sdk/client-eks";
import { supportOf } from "../kubernetes/cluster-support.ts";
import { type ClientSettings, defineKind, pages, unlessGone } from "./resource.ts";

const open = async (settings: ClientSettings) => new (await import("@aws-sdk/client-eks")).EKS(settings);
const gone = ["ResourceNotFoundException"];

/** The environment's cluster, with its add-ons and access entries. */
export const clusters = defineKind<EKS, Cluster>({
  name: "cluster",
  title: "EKS cluster",
  arn: { service: "eks", resource: /^cluster\/([^/]+)$/ },
  gone,
  open,
  async *list(eks, { clusterName: name }) {
    for await (const names of pages(eks.paginateListClusters({}), (page) => page.clusters)) {
      // A role may only look into the project's own clusters.
      const found = names.includes(name) ? await unlessGone(gone, eks.describeCluster({ name })) : undefined;
      yield found?.cluster ? [found.cluster] : [];
    }
  },
  get: async (eks, name) => (await eks.describeCluster({ name })).cluster,
  async describe({ name = "?", arn = "", version = "?", status = "?", tags = {} }, { clusterName }, eks) {
    const extended = (await supportOf(eks, version)) === "extended";
    return {
      id: arn,
      name,
      marks: { tags, named: name === clusterName },
      facts: { status, kubernetes: version },
      billables: [{ kind: extended ? "cluster-extended-support" : "cluster", quantity: 1 }],
    };
  },
  remove: (eks, name) => eks.deleteCluster({ name }),
});

/** The cluster's groups of nodes; the nodes are resources of their own, and bill. */
export const nodeGroups = defineKind<EKS, Nodegroup>({
  name: "node-group",
  title: "node group",
  arn: { service: "eks", resource: /^nodegroup\/([^/]+\/[^/]+)(?:\/[^/]+)?$/ },
  gone,
  open,
  async *list(eks, { clusterName }) {
    // Without a cluster there are none of its node groups.
    if ((await unlessGone(gone, eks.describeCluster({ name: clusterName }))) === undefined) return;
    for await (const names of pages(eks.paginateListNodegroups({ clusterName }), (page) => page.nodegroups))
      for (const nodegroupName of names) {
        const found = await unlessGone(gone, eks.describeNodegroup({ clusterName, nodegroupName }));
        yield found?.nodegroup ? [found.nodegroup] : [];
      }
  },
  async get(eks, id) {
    const [clusterName, nodegroupName] = id.split("/");
    return (await eks.describeNodegroup({ clusterName, nodegroupName })).nodegroup;
  },
  describe: (
    { nodegroupName: name = "?", nodegroupArn: id = "", status = "?", tags = {}, clusterName = "?" },
    scope,
  ) => ({
    id,
    name: `${clusterName}/${name}`,
    marks: { tags, named: clusterName === scope.clusterName },
    facts: { status },
  }),
  async remove(eks, id) {
    const [clusterName, nodegroupName] = id.split("/");
    await eks.deleteNodegroup({ clusterName, nodegroupName });
  },
});
