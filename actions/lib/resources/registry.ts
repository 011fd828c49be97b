import type * as Ecr from "@aws-sdk/client-ecr";
import { mapConcurrently } from "../concurrency.ts";
import { absentAt, type Kind, type Resource, type Scope } from "./resource.ts";

const absent = /^(RepositoryNotFoundException|ImageNotFoundException)$/;
/** As many images as one request deletes: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html */
const batch = 100;

async function withEcr<T>(
  { region, credentials }: Scope,
  work: (sdk: typeof Ecr, client: Ecr.ECRClient) => Promise<T>,
): Promise<T> {
  const sdk = await import("@aws-sdk/client-ecr");
  const client = new sdk.ECRClient({ region, credentials, retryMode: "adaptive", maxAttempts: 10 });
  try {
    return await work(sdk, client);
  } finally {
    client.destroy();
  }
}

async function describe(
  scope: Scope,
  sdk: typeof Ecr,
  client: Ecr.ECRClient,
  { repositoryArn: id = "", repositoryName: name = "" }: Ecr.Repository,
): Promise<Resource> {
  let size = 0;
  let images = 0;
  for await (const page of sdk.paginateDescribeImages({ client }, { repositoryName: name }))
    for (const image of page.imageDetails ?? []) {
      images += 1;
      size += image.imageSizeInBytes ?? 0;
    }
  const billables = images > 0 ? [{ kind: "images" as const, quantity: size / 1e9 }] : [];
  const kept = scope.imagesStay === undefined ? {} : { kept: scope.imagesStay };
  return { kind: "repository", id, name, billables, ...kept, facts: { images } };
}

/** The project's repositories, which its environments share. */
export const registryKinds: readonly Kind[] = [
  {
    name: "repository",
    matches: (arn) => /:ecr:.*:repository\//.test(arn),
    find: (scope) =>
      withEcr(scope, async (sdk, client) => {
        const repositories: Ecr.Repository[] = [];
        for await (const page of sdk.paginateDescribeRepositories({ client }, {}))
          repositories.push(
            ...(page.repositories ?? []).filter((each) => each.repositoryName?.startsWith(`${scope.project}/`)),
          );
        return mapConcurrently(repositories, 8, (each) => describe(scope, sdk, client, each));
      }),
    confirm: (scope, arn) =>
      withEcr(scope, async (sdk, client) => {
        const command = new sdk.DescribeRepositoriesCommand({ repositoryNames: [arn.replace(/^.*:repository\//, "")] });
        const [found] = (await client.send(command).catch(absentAt(absent)))?.repositories ?? [];
        return found && describe(scope, sdk, client, found);
      }),
    remove: (scope, { name }) =>
      withEcr(scope, async (sdk, client) => {
        await empty(sdk, client, name).catch(absentAt(absent));
        // Not by force: what was pushed in the meantime is seen, and goes the next time.
        const full = absentAt(/^(RepositoryNotFoundException|RepositoryNotEmptyException)$/);
        await client.send(new sdk.DeleteRepositoryCommand({ repositoryName: name })).catch(full);
      }),
  },
];

/** Deletes all images of a repository, page by page. */
export async function emptyRepository(scope: Scope, name: string): Promise<void> {
  await withEcr(scope, (sdk, client) => empty(sdk, client, name).catch(absentAt(absent)));
}

async function empty(sdk: typeof Ecr, client: Ecr.ECRClient, repositoryName: string): Promise<void> {
  const ids: Ecr.ImageIdentifier[] = [];
  for await (const page of sdk.paginateListImages({ client }, { repositoryName })) ids.push(...(page.imageIds ?? []));
  // By digest: a tag alone would leave its image behind, without a name.
  const digests = [...new Set(ids.flatMap(({ imageDigest }) => imageDigest ?? []))];
  for (let from = 0; from < digests.length; from += batch) {
    const imageIds = digests.slice(from, from + batch).map((imageDigest) => ({ imageDigest }));
    await client.send(new sdk.BatchDeleteImageCommand({ repositoryName, imageIds }));
  }
}
