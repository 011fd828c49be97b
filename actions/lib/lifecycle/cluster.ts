import type { EC2Client, Instance, Volume } from "@aws-sdk/client-ec2";
import type { Addon, Cluster, EKSClient, Nodegroup } from "@aws-sdk/client-eks";
import { clusterName } from "../kubernetes/cluster.ts";
import { mapConcurrently } from "../core/concurrency.ts";
import type { Billable } from "../prices/prices.ts";
import { supportOf } from "../kubernetes/cluster-support.ts";
import { clusterDown } from "./down/cluster.ts";
import { listVolumes, pvOf } from "./down/ebs.ts";
import { environmentTags } from "../resources/vpcs.ts";
import { type StageObservation, observed, type StagePart, type LifecycleStage, type Trouble } from "./stage.ts";
import { terraformUp } from "./up/terraform.ts";

/** EKS with what it runs on. */
export const cluster: LifecycleStage = {
  name: "cluster",
  description: "the EKS cluster with its add-ons, nodes and their disks",
  up: terraformUp("environment"),
  down: clusterDown,
  async observe({ config, credentials, name: environment }): Promise<StageObservation> {
    const { region } = config.aws;
    const name = clusterName(config, environment);
    const [{ EKSClient }, { EC2Client }] = await Promise.all([
      import("@aws-sdk/client-eks"),
      import("@aws-sdk/client-ec2"),
    ]);
    const eks = new EKSClient({ region, credentials, maxAttempts: 5 });
    const ec2 = new EC2Client({ region, credentials, maxAttempts: 5 });
    try {
      const found = await findCluster(eks, name);
      // Volumes and machines may be left without a cluster, and are billed all the same.
      const tags = environmentTags(config, environment);
      const [machines, volumes] = await Promise.all([listInstances(ec2, tags), listVolumes(ec2, tags)]);
      const rest = [...machinesPart(machines), ...volumesPart(volumes.filter((each) => pvOf(each) === ""))];
      if (!found)
        return observed(rest, [{ broken: `${name} is not there, but ${rest.map((each) => each.name).join(", ")}` }]);
      const [groups, addons] = await Promise.all([listNodeGroups(eks, name), listAddons(eks, name)]);
      const inGroups = groups.map((group) => groupPart(group, machines.length === 0));
      return observed(
        [await clusterPart(eks, found), ...inGroups, ...addonsPart(addons), ...rest],
        [clusterTrouble(found), ...groups.map(groupTrouble), ...addons.map(addonTrouble)],
      );
    } finally {
      eks.destroy();
      ec2.destroy();
    }
  },
};

async function findCluster(eks: EKSClient, name: string): Promise<Cluster | undefined> {
  const { DescribeClusterCommand } = await import("@aws-sdk/client-eks");
  try {
    return (await eks.send(new DescribeClusterCommand({ name }))).cluster;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

async function clusterPart(eks: EKSClient, found: Cluster): Promise<StagePart> {
  const { version = "?", status = "?", encryptionConfig = [] } = found;
  const support = await supportOf(eks, version);
  const extended = support === "extended";
  return {
    name: found.name ?? "?",
    facts: { is: "EKS cluster", status, kubernetes: version, platform: found.platformVersion ?? "?", support },
    billables: [
      { kind: extended ? "cluster-extended-support" : "cluster", quantity: 1 },
      { kind: "key", quantity: encryptionConfig.filter(({ provider }) => provider?.keyArn).length },
    ],
    ...(found.createdAt && { since: found.createdAt.toISOString() }),
  };
}

function clusterTrouble({ name, status, health }: Cluster): Trouble {
  const issues = health?.issues?.map(({ code, message }) => `${name}: ${code}, ${message}`).join("; ");
  if (issues || status === "FAILED") return { broken: issues || `${name} has failed` };
  return status === "ACTIVE" ? {} : { changing: `${name} is ${status}` };
}

async function listNodeGroups(eks: EKSClient, clusterName: string): Promise<Nodegroup[]> {
  const { DescribeNodegroupCommand, paginateListNodegroups } = await import("@aws-sdk/client-eks");
  const names: string[] = [];
  for await (const page of paginateListNodegroups({ client: eks }, { clusterName }))
    names.push(...(page.nodegroups ?? []));
  const groups = await mapConcurrently(names, 4, async (nodegroupName) => {
    const answer = await eks.send(new DescribeNodegroupCommand({ clusterName, nodegroupName }));
    return answer.nodegroup ? [answer.nodegroup] : [];
  });
  return groups.flat();
}

/** @param unseen no machine of it is to be seen, so that what EKS wants has to do for the costs */
function groupPart({ nodegroupName = "?", scalingConfig, ...group }: Nodegroup, unseen: boolean): StagePart {
  const { desiredSize: desired = 0, minSize: min = 0, maxSize: max = 0 } = scalingConfig ?? {};
  const types = group.instanceTypes ?? [];
  const [type] = types;
  const spot = group.capacityType === "SPOT";
  return {
    name: nodegroupName,
    facts: {
      is: "node group",
      status: group.status ?? "?",
      kubernetes: group.version ?? "?",
      nodes: `${desired} of ${min} to ${max}`,
      types: types.join(", "),
    },
    ...(unseen && type && { billables: [{ kind: "instance" as const, type, spot, quantity: desired }] }),
  };
}

function groupTrouble({ nodegroupName: name, status, health }: Nodegroup): Trouble {
  const issues = health?.issues?.map(({ code, message }) => `${name}: ${code}, ${message}`).join("; ");
  if (issues || /FAILED|DEGRADED/.test(status ?? "")) return { broken: issues || `${name} is ${status}` };
  return status === "ACTIVE" ? {} : { changing: `${name} is ${status}` };
}

async function listAddons(eks: EKSClient, clusterName: string): Promise<Addon[]> {
  const { DescribeAddonCommand, paginateListAddons } = await import("@aws-sdk/client-eks");
  const names: string[] = [];
  for await (const page of paginateListAddons({ client: eks }, { clusterName })) names.push(...(page.addons ?? []));
  const addons = await mapConcurrently(names, 4, async (addonName) => {
    const answer = await eks.send(new DescribeAddonCommand({ clusterName, addonName }));
    return answer.addon ? [answer.addon] : [];
  });
  return addons.flat();
}

function addonsPart(addons: readonly Addon[]): StagePart[] {
  const facts = addons.map(({ addonName, addonVersion }) => [addonName ?? "?", addonVersion || "?"] as const);
  return facts.length > 0 ? [{ name: "add-ons", facts: Object.fromEntries(facts) }] : [];
}

function addonTrouble({ addonName: name, status, health }: Addon): Trouble {
  const issues = health?.issues?.map(({ code, message }) => `${name}: ${code}, ${message}`).join("; ");
  if (/FAILED|DEGRADED/.test(status ?? "")) return { broken: issues || `${name} is ${status}` };
  return status === "ACTIVE" ? {} : { changing: `${name} is ${status}` };
}

type Filters = ReturnType<typeof environmentTags>;

async function listInstances(client: EC2Client, tags: Filters): Promise<Instance[]> {
  const { paginateDescribeInstances } = await import("@aws-sdk/client-ec2");
  const running = { Name: "instance-state-name", Values: ["pending", "running", "stopping", "shutting-down"] };
  const found: Instance[] = [];
  for await (const page of paginateDescribeInstances({ client }, { Filters: [...tags, running] }))
    found.push(...(page.Reservations ?? []).flatMap((each) => each.Instances ?? []));
  return found;
}

/** Machines by their type; spot ones are billed apart. */
export function machinesPart(instances: readonly Instance[]): StagePart[] {
  const byType = Map.groupBy(instances, ({ InstanceType: type }) => type ?? "?");
  const billables = instances.map(({ InstanceType: type = "?", InstanceLifecycle: lifecycle }): Billable => ({
    kind: "instance",
    type,
    spot: lifecycle === "spot",
    quantity: 1,
  }));
  const facts = Object.fromEntries([...byType].map(([type, all]) => [type, all.length]));
  return instances.length > 0 ? [{ name: "machines", facts, billables }] : [];
}

/** Disks by their number and size. */
export function volumesPart(volumes: readonly Volume[]): StagePart[] {
  const size = volumes.reduce((sum, { Size: gigabytes = 0 }) => sum + gigabytes, 0);
  const unused = volumes.filter(({ State: state }) => state === "available").length;
  const facts = { count: volumes.length, size: `${size} GB`, unused };
  const billables = volumes.map(({ VolumeType: type = "?", Size: quantity = 0 }): Billable => ({
    kind: "volume",
    type,
    quantity,
  }));
  return volumes.length > 0 ? [{ name: "disks", facts, billables }] : [];
}
