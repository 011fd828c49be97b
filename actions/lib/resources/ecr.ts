import type { ECR, ImageIdentifier, Repository } from "@aws-sdk/client-ecr";
import { SlipwayError } from "../core/errors.ts";
import { formatBytes } from "../core/summary.ts";
import { defineKind, pages } from "./resource.ts";

/** Image repositories with what is in them; all of the project's environments share them. */
export const repositories = defineKind<ECR, Repository>({
  name: "repository",
  title: "image repository",
  arn: { service: "ecr", resource: /^repository\/(.+)$/ },
  gone: ["RepositoryNotFoundException"],
  open: async (settings) => new (await import("@aws-sdk/client-ecr")).ECR(settings),
  list: (ecr, { project }) =>
    pages(ecr.paginateDescribeRepositories({}, { pageSize: 1000 }), (page) =>
      page.repositories?.filter(({ repositoryName: name }) => name?.startsWith(`${project}/`)),
    ),
  get: async (ecr, name) => (await ecr.describeRepositories({ repositoryNames: [name] })).repositories?.[0],
  async describe({ repositoryName = "?", repositoryArn: id = "" }, { project }, ecr) {
    let [images, bytes] = [0, 0];
    for await (const { imageDetails = [] } of ecr.paginateDescribeImages({ repositoryName }, { pageSize: 1000 })) {
      images += imageDetails.length;
      bytes += imageDetails.reduce((sum, { imageSizeInBytes: size = 0 }) => sum + size, 0);
    }
    return {
      id,
      name: repositoryName,
      owner: "project",
      marks: { named: repositoryName.startsWith(`${project}/`) },
      facts: { images, ...(images > 0 && { size: formatBytes(bytes) }) },
      billables: images > 0 ? [{ kind: "images", quantity: bytes / 1e9 }] : [],
    };
  },
  async remove(ecr, repositoryName) {
    await deleteImages(ecr, repositoryName);
    // Refused when something was pushed meanwhile: it is asked again then.
    await ecr.deleteRepository({ repositoryName });
  },
});

/** One request deletes so many: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html */
const atOnce = 100;

/**
 * Deletes every image of a repository. One that an index names can only go after the index, so that there is more than
 * one pass.
 *
 * @throws SlipwayError when a pass deletes nothing and something is left
 */
export async function deleteImages(ecr: ECR, repositoryName: string): Promise<void> {
  for (;;) {
    const ids = new Map<string, ImageIdentifier>();
    for await (const { imageIds = [] } of ecr.paginateListImages({ repositoryName }, { pageSize: 1000 }))
      // By digest, an image goes with all of its tags.
      for (const { imageDigest = "" } of imageIds) ids.set(imageDigest, { imageDigest });
    if (ids.size === 0) return;
    let deleted = 0;
    let why = "";
    for (let start = 0; start < ids.size; start += atOnce) {
      const imageIds = [...ids.values()].slice(start, start + atOnce);
      const answer = await ecr.batchDeleteImage({ repositoryName, imageIds });
      deleted += answer.imageIds?.length ?? 0;
      const failure = answer.failures?.[0];
      if (failure) why = `${failure.failureCode ?? "?"}: ${failure.failureReason ?? "?"}`;
    }
    if (deleted === 0)
      throw new SlipwayError(`ECR deleted none of the ${ids.size} images in ${repositoryName} (${why}).`, {
        next: "Look at the repository in the ECR console.",
      });
  }
}
