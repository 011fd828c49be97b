import { createHash } from "node:crypto";
import type { CreateVolumeCommandInput, EC2, Volume, VolumeType } from "@aws-sdk/client-ec2";
import { SlipwayError } from "../../../../actions/lib/core/errors.ts";
import type { MakeStep } from "./controller.ts";
import { clusterTag } from "./network-load-balancer.ts";

/** What a claim asks of its volume. */
export interface WantedVolume {
  /** The name of the PersistentVolume: `pvc-` and the claim's uid. */
  name: string;
  claim: { namespace: string; name: string };
  gibibytes: number;
  /** The availability zone of the node. */
  zone: string;
  /** The parameters of the StorageClass. */
  parameters: Readonly<Record<string, string>>;
}

/** The tag by which the driver finds a volume that it has made already. */
const nameTag = "CSIVolumeName";

/** Volumes in AWS, as the EBS CSI driver makes and deletes them. */
export class EbsVolumes {
  readonly #ec2: EC2;
  readonly #cluster: string;
  readonly #tags: Readonly<Record<string, string>>;

  /** @param tags the add-on's `extraVolumeTags` */
  constructor(ec2: EC2, cluster: string, tags: Readonly<Record<string, string>>) {
    this.#ec2 = ec2;
    this.#cluster = cluster;
    this.#tags = tags;
  }

  /** @returns the id of the volume, which is made if there is none of this name */
  async ensure(wanted: WantedVolume, step: MakeStep): Promise<string> {
    const Filters = [{ Name: `tag:${nameTag}`, Values: [wanted.name] }];
    const { Volumes = [] } = await this.#ec2.describeVolumes({ Filters });
    const settings = volumeSettings(this.#cluster, wanted, this.#tags);
    const volume: Volume = Volumes[0] ?? (await step("CreateVolume", () => this.#ec2.createVolume(settings)));
    if (!volume.VolumeId) throw new SlipwayError(`AWS said nothing of the volume ${wanted.name} that it was to make.`);
    return volume.VolumeId;
  }

  /** Deletes a volume; one that is gone is not an error. @throws AWS's VolumeInUse while it is attached */
  async delete(id: string, step: MakeStep): Promise<void> {
    await step("DeleteVolume", async () => {
      await this.#ec2.deleteVolume({ VolumeId: id }).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== "InvalidVolume.NotFound") throw error;
      });
    });
  }
}

/**
 * A volume as the driver asks for it. EKS's add-on names its cluster to it, which adds the tags that do so.
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/tagging.md
 * https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
 *
 * @throws SlipwayError for parameters that a rehearsal does not know
 */
export function volumeSettings(
  cluster: string,
  { name, claim, gibibytes, zone, parameters }: WantedVolume,
  extraTags: Readonly<Record<string, string>>,
): CreateVolumeCommandInput {
  const { type = "gp3", encrypted = "false", iops, throughput, kmsKeyId, ...others } = parameters;
  // The file system is not the volume's business: here it is a folder.
  const unknown = Object.keys(others).find((key) => key !== "csi.storage.k8s.io/fstype");
  if (unknown) throw new SlipwayError(`a rehearsal does not know the StorageClass parameter ${unknown}`);
  const tags = {
    [nameTag]: name,
    "ebs.csi.aws.com/cluster": "true",
    "ebs.csi.aws.com/cluster-name": cluster,
    "kubernetes.io/created-for/pvc/name": claim.name,
    "kubernetes.io/created-for/pvc/namespace": claim.namespace,
    "kubernetes.io/created-for/pv/name": name,
    [clusterTag(cluster)]: "owned",
    KubernetesCluster: cluster,
    Name: `${cluster}-dynamic-${name}`,
    ...extraTags,
  };
  return {
    ClientToken: createHash("sha256").update(name).digest("hex"),
    Size: gibibytes,
    VolumeType: type as VolumeType,
    AvailabilityZone: zone,
    Encrypted: encrypted === "true",
    ...(iops !== undefined && { Iops: Number(iops) }),
    ...(throughput !== undefined && { Throughput: Number(throughput) }),
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    TagSpecifications: [{ ResourceType: "volume", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }],
  };
}

const factors: Readonly<Record<string, number>> = {
  "": 1,
  ...Object.fromEntries(["k", "M", "G", "T", "P", "E"].map((unit, index) => [unit, 1000 ** (index + 1)])),
  ...Object.fromEntries(["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map((unit, index) => [unit, 1024 ** (index + 1)])),
};

/** A quantity of bytes in whole gibibytes, rounded up, as volumes come: `1500Mi` is 2. @throws SlipwayError for another text */
export function gibibytes(quantity: string): number {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(quantity) ?? [];
  const factor = factors[unit];
  if (digits === undefined || factor === undefined)
    throw new SlipwayError(`"${quantity}" is not an amount of storage, such as 10Gi`);
  return Math.max(1, Math.ceil((Number(digits) * factor) / 1024 ** 3));
}
