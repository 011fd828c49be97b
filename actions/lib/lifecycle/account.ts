import { mapConcurrently } from "../core/concurrency.ts";
import { type StageObservation, observed, type StagePart, type LifecycleStage } from "./stage.ts";
import { type Environment } from "./environment.ts";

/** What `slipway bootstrap` made, once for all environments. */
export const account: LifecycleStage = {
  name: "account",
  description: "the bucket of Terraform's state and the roles of the pipeline",
  comes: "once per account, by ./slipway bootstrap",
  async observe(environment): Promise<StageObservation> {
    const { config, name } = environment;
    const bucket = `${config.project}-state-${config.aws.account}-${config.aws.region}`;
    const roles = ["plan", "deploy", `apply-${name}`].map((role) => `${config.project}-${role}`);
    const [hasBucket, found] = await Promise.all([findBucket(environment, bucket), findRoles(environment, roles)]);
    const parts: StagePart[] = [
      ...(hasBucket ? [{ name: bucket, facts: { is: "state bucket" } }] : []),
      ...found.map((role) => ({ name: role, facts: { is: "role" } })),
    ];
    const missing = [...(hasBucket ? [] : [bucket]), ...roles.filter((role) => !found.includes(role))];
    const broken = missing.length > 0 ? `${missing.join(", ")} missing: run ./slipway bootstrap` : undefined;
    return observed(parts, [{ broken }]);
  },
};

async function findBucket({ config, credentials }: Environment, bucket: string): Promise<boolean> {
  const { HeadBucketCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ region: config.aws.region, credentials, maxAttempts: 5 });
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: config.aws.account }));
    return true;
  } catch (error) {
    if (error instanceof Error && ["NotFound", "NoSuchBucket"].includes(error.name)) return false;
    throw error;
  } finally {
    client.destroy();
  }
}

async function findRoles({ config, credentials }: Environment, names: readonly string[]): Promise<string[]> {
  const { GetRoleCommand, IAMClient } = await import("@aws-sdk/client-iam");
  const client = new IAMClient({ region: config.aws.region, credentials, maxAttempts: 5 });
  try {
    const found = await mapConcurrently(names, 4, async (name) => {
      try {
        await client.send(new GetRoleCommand({ RoleName: name }));
        return [name];
      } catch (error) {
        if (error instanceof Error && /^NoSuchEntity/.test(error.name)) return [];
        throw error;
      }
    });
    return found.flat();
  } finally {
    client.destroy();
  }
}
