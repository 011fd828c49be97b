import { volumesPart } from "./cluster.ts";
import { listVolumes, pvOf } from "./down/ebs.ts";
import { volumesDown } from "./down/volumes.ts";
import { environmentTags } from "../resources/vpcs.ts";
import { type StageObservation, observed, type LifecycleStage } from "./stage.ts";
import { type Environment } from "./environment.ts";

/** The apps' disks. They may be there without a cluster, and are billed all the same. */
export const volumes: LifecycleStage = {
  name: "volumes",
  description: "the disks of the apps in EBS",
  comes: "with the apps that claim them",
  down: volumesDown,
  async observe({ config, credentials, name }: Environment): Promise<StageObservation> {
    const { EC2Client } = await import("@aws-sdk/client-ec2");
    const client = new EC2Client({ region: config.aws.region, credentials, maxAttempts: 5 });
    try {
      const found = await listVolumes(client, environmentTags(config, name));
      return observed(volumesPart(found.filter((each) => pvOf(each) !== "")));
    } finally {
      client.destroy();
    }
  },
};
