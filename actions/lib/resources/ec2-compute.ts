import type { Tag } from "@aws-sdk/client-ec2";
import { ec2Kind, pageSize } from "./ec2.ts";
import { pages } from "./resource.ts";

/** Machines, in whatever state. */
export const instances = ec2Kind({
  name: "instance",
  title: "EC2 instance",
  type: "instance",
  gone: ["InvalidInstanceID.NotFound"],
  list: (ec2) =>
    pages(ec2.paginateDescribeInstances({}, { pageSize }), (page) =>
      page.Reservations?.flatMap(({ Instances: found = [] }) => found),
    ),
  get: async (ec2, id) => (await ec2.describeInstances({ InstanceIds: [id] })).Reservations?.[0]?.Instances,
  describe({ InstanceId: id, InstanceType: type = "?", State: state, Tags: tags, VpcId: vpc, ...more }) {
    const now = state?.Name ?? "?";
    const spot = more.InstanceLifecycle === "spot";
    const launched = more.LaunchTime?.toISOString();
    return {
      id,
      tags,
      vpc,
      facts: {
        state: now,
        type,
        ...(spot && { capacity: "spot, at most at this price" }),
        ...(launched && { launched }),
      },
      // A stopped one is billed for its volumes, which are resources of their own.
      billables: now === "stopped" || now === "terminated" ? [] : [{ kind: "instance", type, spot, quantity: 1 }],
      ...(now === "terminated" && { residual: "It is terminated; EC2 shows it for about an hour." }),
    };
  },
  remove: (ec2, id) => ec2.terminateInstances({ InstanceIds: [id] }),
});

/** Marks, with the time, what a teardown was asked to keep: disks, and copies of them. */
export const keptTag = "slipway:kept";

/** When a teardown has kept something, as a fact. */
function kept(tags: readonly Tag[] = []): { kept?: string } {
  const since = tags.find(({ Key }) => Key === keptTag)?.Value;
  return since === undefined ? {} : { kept: since };
}

/** Disks. */
export const volumes = ec2Kind({
  name: "volume",
  title: "EBS volume",
  type: "volume",
  gone: ["InvalidVolume.NotFound"],
  list: (ec2) => pages(ec2.paginateDescribeVolumes({}, { pageSize }), (page) => page.Volumes),
  get: async (ec2, id) => (await ec2.describeVolumes({ VolumeIds: [id] })).Volumes,
  describe: ({ VolumeId: id, VolumeType: type = "?", Size: size = 0, State: state, Tags: tags, ...volume }) => ({
    id,
    tags,
    facts: {
      state: state ?? "?",
      size: `${size} GB`,
      type,
      ...(volume.Attachments?.[0]?.InstanceId && { attached: volume.Attachments[0].InstanceId }),
      ...(volume.CreateTime && { created: volume.CreateTime.toISOString() }),
      ...kept(tags),
    },
    billables: [{ kind: "volume", type, quantity: size }],
  }),
  remove: (ec2, VolumeId) => ec2.deleteVolume({ VolumeId }),
});

/** Copies of disks. */
export const snapshots = ec2Kind({
  name: "snapshot",
  title: "EBS snapshot",
  type: "snapshot",
  gone: ["InvalidSnapshot.NotFound"],
  list: (ec2) => pages(ec2.paginateDescribeSnapshots({ OwnerIds: ["self"] }, { pageSize }), (page) => page.Snapshots),
  get: async (ec2, id) => (await ec2.describeSnapshots({ SnapshotIds: [id] })).Snapshots,
  describe({ SnapshotId: id, VolumeId: volume = "?", VolumeSize: size = 0, Tags: tags, ...snapshot }) {
    const { FullSnapshotSizeInBytes: bytes, State: state = "?", StartTime: started } = snapshot;
    // At most: what it shares with an older one is stored once.
    const gigabytes = bytes === undefined ? size : bytes / 2 ** 30;
    return {
      id,
      tags,
      facts: {
        state,
        size: `${size} GB`,
        volume,
        ...(started && { created: started.toISOString() }),
        ...kept(tags),
      },
      billables: [{ kind: "snapshot", quantity: gigabytes }],
    };
  },
  remove: (ec2, SnapshotId) => ec2.deleteSnapshot({ SnapshotId }),
});

/** How nodes are started. */
export const launchTemplates = ec2Kind({
  name: "launch-template",
  title: "launch template",
  type: "launch-template",
  gone: ["InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException"],
  list: (ec2) =>
    // The one list with a lower limit: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplates.html
    pages(ec2.paginateDescribeLaunchTemplates({}, { pageSize: 200 }), (page) => page.LaunchTemplates),
  get: async (ec2, id) => (await ec2.describeLaunchTemplates({ LaunchTemplateIds: [id] })).LaunchTemplates,
  describe: ({ LaunchTemplateId: id, LaunchTemplateName: name, Tags: tags, LatestVersionNumber: version = 0 }) => ({
    id,
    name,
    tags,
    facts: { version },
  }),
  remove: (ec2, LaunchTemplateId) => ec2.deleteLaunchTemplate({ LaunchTemplateId }),
});
