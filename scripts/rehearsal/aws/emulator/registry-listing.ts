import { createHash } from "node:crypto";
import { DescribeImagesCommand, DescribeRepositoriesCommand, ECRClient } from "@aws-sdk/client-ecr";
import type { World } from "../../world/parts.ts";

/** One image as AWS's own API lists it. */
export interface ListedImage {
  /** The repository without the project's prefix, for example `notes-api`. */
  name: string;
  tags: string[];
  digest: string;
}

/** Every image in the world's ECR, without build caches: what AWS says, read by none of the actions' code. */
export async function listImages(world: World, project: string): Promise<ListedImage[]> {
  const client = new ECRClient({
    region: world.region,
    endpoint: world.emulator.endpoint,
    credentials: world.emulator.credentials,
  });
  try {
    const { repositories = [] } = await client.send(new DescribeRepositoriesCommand({ maxResults: 1000 }));
    const images: ListedImage[] = [];
    for (const { repositoryName = "" } of repositories) {
      if (!repositoryName.startsWith(`${project}/`) || repositoryName.endsWith("/build-cache")) continue;
      const { imageDetails = [] } = await client.send(new DescribeImagesCommand({ repositoryName, maxResults: 1000 }));
      for (const { imageTags = [], imageDigest = "" } of imageDetails)
        images.push({ name: repositoryName.slice(project.length + 1), tags: imageTags, digest: imageDigest });
    }
    return images.sort((a, b) => a.name.localeCompare(b.name));
  } finally {
    client.destroy();
  }
}

/** Fetches an image's manifest as a node would, and says whether its bytes are what the digest promises. */
export async function manifestMatches(world: World, project: string, image: ListedImage): Promise<boolean> {
  const accept = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
  ];
  const url = `${world.emulator.endpoint}/v2/${project}/${image.name}/manifests/${image.digest}`;
  const response = await fetch(url, { headers: { accept: accept.join(", ") } });
  const body = Buffer.from(await response.arrayBuffer());
  return response.ok && `sha256:${createHash("sha256").update(body).digest("hex")}` === image.digest;
}
