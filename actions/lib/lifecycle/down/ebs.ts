import { setTimeout as sleep } from "node:timers/promises";
import type { EC2Client, Filter, Tag, Volume } from "@aws-sdk/client-ec2";
import { keptTag } from "../../resources/ec2-compute.ts";
import { environmentTags } from "../../resources/vpcs.ts";
import type { Environment } from "../environment.ts";

/** Every volume that the EBS CSI driver makes: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md */
const driverTag = "ebs.csi.aws.com/cluster";
const claimTags = ["kubernetes.io/created-for/pvc/namespace", "kubernetes.io/created-for/pvc/name"] as const;

/**
 * Milliseconds until a new snapshot is surely in EC2's lists.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
const listedWithin = 30_000;

const tagOf = (tags: readonly Tag[] | undefined, key: string) => tags?.find(({ Key }) => Key === key)?.Value;

/** The name of the PersistentVolume that a disk was made for. */
export const pvOf = ({ Tags }: Volume): string => tagOf(Tags, "kubernetes.io/created-for/pv/name") ?? "";

/** The volumes with these tags. */
export async function listVolumes(client: EC2Client, Filters: Filter[]): Promise<Volume[]> {
  const { paginateDescribeVolumes } = await import("@aws-sdk/client-ec2");
  const found: Volume[] = [];
  for await (const page of paginateDescribeVolumes({ client }, { Filters })) found.push(...(page.Volumes ?? []));
  return found;
}

/** The disks of an environment's apps. */
export interface AppDisks extends AsyncDisposable {
  /** All but those that are kept. */
  list(): Promise<Volume[]>;
  /** Marks a disk as kept on purpose. */
  keep(disk: Volume): Promise<void>;
  /** Takes a snapshot unless there is one. @returns whether it is complete */
  snapshot(disk: Volume): Promise<boolean>;
  /** Asks for a disk's deletion; one that is gone is not an error. */
  remove(disk: Volume): Promise<void>;
}

/** Opens EC2 for an environment's disks. */
export async function openEbs({ config, credentials, name }: Environment): Promise<AppDisks> {
  const sdk = await import("@aws-sdk/client-ec2");
  const client = new sdk.EC2Client({ region: config.aws.region, credentials, maxAttempts: 5 });
  const tags = environmentTags(config, name);
  return {
    async list() {
      const found = await listVolumes(client, tags);
      return found.filter(({ Tags }) => tagOf(Tags, driverTag) !== undefined && tagOf(Tags, keptTag) === undefined);
    },
    async keep({ VolumeId: id = "" }) {
      const Tags = [{ Key: keptTag, Value: new Date().toISOString() }];
      await client.send(new sdk.CreateTagsCommand({ Resources: [id], Tags }));
    },
    snapshot: (disk) => snapshot(sdk, client, disk, config.project, name),
    async remove({ VolumeId: id = "" }) {
      await client.send(new sdk.DeleteVolumeCommand({ VolumeId: id })).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== "InvalidVolume.NotFound") throw error;
      });
    },
    [Symbol.asyncDispose]() {
      client.destroy();
      return Promise.resolve();
    },
  };
}

async function snapshot(
  sdk: typeof import("@aws-sdk/client-ec2"),
  client: EC2Client,
  { VolumeId: id = "", Tags }: Volume,
  project: string,
  environment: string,
): Promise<boolean> {
  const Filters = [
    { Name: "volume-id", Values: [id] },
    { Name: "tag-key", Values: [keptTag] },
  ];
  const list = async () => {
    const { Snapshots = [] } = await client.send(new sdk.DescribeSnapshotsCommand({ Filters, OwnerIds: ["self"] }));
    return Snapshots;
  };
  const Snapshots = await list();
  if (Snapshots.some(({ State }) => State === "completed")) return true;
  if (Snapshots.some(({ State }) => State === "pending")) return false;
  const claim = claimTags.map((key) => tagOf(Tags, key) ?? "?").join("/");
  const tags = {
    "slipway:project": project,
    "slipway:environment": environment,
    Name: `${project}-${environment} ${claim}`,
    [keptTag]: new Date().toISOString(),
    "slipway:claim": claim,
  };
  const { SnapshotId: made } = await client.send(
    new sdk.CreateSnapshotCommand({
      VolumeId: id,
      Description: `Taken of ${claim} before ${project}-${environment} was taken away`,
      TagSpecifications: [
        { ResourceType: "snapshot", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
      ],
    }),
  );
  // The list may not have it at once, and whoever looks next would take a second one.
  const deadline = Date.now() + listedWithin;
  while (!(await list()).some(({ SnapshotId }) => SnapshotId === made) && Date.now() < deadline) await sleep(500);
  return false;
}
