import type { ECRClient, ImageDetail, Repository } from "@aws-sdk/client-ecr";
import { mapConcurrently } from "../core/concurrency.ts";
import { formatBytes } from "../core/summary.ts";
import { registryDown } from "./down/registry.ts";
import { observed, type StagePart, type LifecycleStage } from "./stage.ts";
import { terraformUp } from "./up/terraform.ts";

/** The image repositories; all environments share them. */
export const registry: LifecycleStage = {
  name: "registry",
  description: "the image repositories in ECR, shared by all environments",
  up: terraformUp("registry"),
  down: registryDown,
  async observe({ config, credentials }) {
    const { ECRClient, paginateDescribeRepositories } = await import("@aws-sdk/client-ecr");
    const client = new ECRClient({ region: config.aws.region, credentials, retryMode: "adaptive", maxAttempts: 10 });
    try {
      const repositories: Repository[] = [];
      for await (const page of paginateDescribeRepositories({ client }, {})) {
        const mine = page.repositories?.filter((each) => each.repositoryName?.startsWith(`${config.project}/`));
        repositories.push(...(mine ?? []));
      }
      const parts = await mapConcurrently(repositories, 8, (each) => describe(client, each));
      const keys = new Set(repositories.flatMap((each) => each.encryptionConfiguration?.kmsKey ?? []));
      const key: StagePart = {
        name: "key",
        facts: { is: "KMS key" },
        billables: [{ kind: "key", quantity: keys.size }],
      };
      return observed(keys.size > 0 ? [...parts, key] : parts);
    } finally {
      client.destroy();
    }
  },
};

async function describe(client: ECRClient, { repositoryName = "" }: Repository): Promise<StagePart> {
  const { paginateDescribeImages } = await import("@aws-sdk/client-ecr");
  const images: ImageDetail[] = [];
  for await (const page of paginateDescribeImages({ client }, { repositoryName }))
    images.push(...(page.imageDetails ?? []));
  const size = images.reduce((sum, image) => sum + (image.imageSizeInBytes ?? 0), 0);
  const newest = Math.max(...images.map((image) => image.imagePushedAt?.getTime() ?? 0));
  return {
    name: repositoryName,
    facts: {
      images: images.length,
      ...(images.length > 0 && { size: formatBytes(size), newest: new Date(newest).toISOString() }),
    },
    billables: [{ kind: "images", quantity: size / 1e9 }],
  };
}
