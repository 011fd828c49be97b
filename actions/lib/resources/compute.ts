import type { Billable } from "../prices.ts";
import { ec2Kind } from "./ec2.ts";
import { keptBy, type Kind, tagOf } from "./resource.ts";

/** Volume types whose price is known here. */
const priced = (type: string | undefined): type is "gp2" | "gp3" => type === "gp2" || type === "gp3";

/** Machines and their disks. */
export const computeKinds: readonly Kind[] = [
  ec2Kind({
    name: "instance",
    type: "instance",
    traces: ["tags", "vpc", "cluster"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { InstanceIds: ids }) };
      for await (const page of sdk.paginateDescribeInstances({ client }, input))
        found.push(...(page.Reservations ?? []).flatMap((each) => each.Instances ?? []));
      return found;
    },
    // AWS shows one that is terminated for about an hour.
    read: ({ InstanceId: id = "", InstanceType: type = "?", State }) =>
      State?.Name === "terminated"
        ? undefined
        : {
            id,
            billables: State?.Name === "stopped" ? [] : [{ kind: "instance", type, quantity: 1 }],
            facts: { state: State?.Name ?? "?", type },
          },
    remove: (sdk, client, id) => client.send(new sdk.TerminateInstancesCommand({ InstanceIds: [id] })),
  }),
  ec2Kind({
    name: "volume",
    type: "volume",
    traces: ["tags", "cluster", "csi"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { VolumeIds: ids }) };
      for await (const page of sdk.paginateDescribeVolumes({ client }, input)) found.push(...(page.Volumes ?? []));
      return found;
    },
    read: ({ VolumeId: id = "", State, Size = 0, VolumeType: type, Tags }) => {
      const billable: Billable = priced(type) ? { kind: type, quantity: Size } : { kind: "other-volume", quantity: Size };
      const claim = tagOf(Tags, "kubernetes.io/created-for/pvc/name");
      const facts = { state: State ?? "?", size: `${Size} GB`, ...(claim && { claim }) };
      return State === "deleted" ? undefined : { id, billables: [billable], ...keptBy(Tags), facts };
    },
    remove: (sdk, client, id) => client.send(new sdk.DeleteVolumeCommand({ VolumeId: id })),
  }),
  ec2Kind({
    name: "snapshot",
    type: "snapshot",
    traces: ["tags", "cluster"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { OwnerIds: ["self"], ...(Filters && { Filters }), ...(ids && { SnapshotIds: ids }) };
      for await (const page of sdk.paginateDescribeSnapshots({ client }, input)) found.push(...(page.Snapshots ?? []));
      return found;
    },
    // Only changed blocks are billed; how many those are, AWS does not say here: at most all of them.
    read: ({ SnapshotId: id = "", State, VolumeSize = 0, VolumeId, Tags }) => ({
      id,
      billables: [{ kind: "snapshot", quantity: VolumeSize }],
      ...keptBy(Tags),
      facts: { state: State ?? "?", size: `${VolumeSize} GB`, of: VolumeId ?? "?" },
    }),
    remove: (sdk, client, id) => client.send(new sdk.DeleteSnapshotCommand({ SnapshotId: id })),
  }),
  ec2Kind({
    name: "launch-template",
    type: "launch-template",
    traces: ["tags"],
    async list(sdk, client, { Filters, ids }) {
      const found = [];
      const input = { ...(Filters && { Filters }), ...(ids && { LaunchTemplateIds: ids }) };
      for await (const page of sdk.paginateDescribeLaunchTemplates({ client }, input))
        found.push(...(page.LaunchTemplates ?? []));
      return found;
    },
    read: ({ LaunchTemplateId: id = "", LaunchTemplateName: called = "" }) => ({ id, billables: [], facts: { called } }),
    remove: (sdk, client, id) => client.send(new sdk.DeleteLaunchTemplateCommand({ LaunchTemplateId: id })),
  }),
];
