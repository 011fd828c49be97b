import type { ECRClient, ImageDetail } from "@aws-sdk/client-ecr";
import { type AwsCredentialProvider, awsFailure, mask } from "../aws/credentials.ts";
import { mapConcurrently } from "../core/concurrency.ts";
import { SlipwayError } from "../core/errors.ts";

/** An image's name and content key, which is all that is needed to ask for it. */
export interface ImageKey {
  name: string;
  key: string;
}

/** An image as ECR holds it. */
export interface RegistryImage extends ImageKey {
  /** `sha256:` and 64 hexadecimal digits, of the manifest. */
  digest: string;
  /** Compressed, in bytes. */
  size: number;
  pushedAt: Date;
}

/** What ECR says about one image. */
export type ImageState =
  | { state: "present"; image: RegistryImage }
  /**
   * Nothing that can be pulled. An image that ECR has put into its archive, or is bringing back from there, is listed and
   * cannot be pulled: https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive-image.html
   */
  | { state: "absent"; archived?: true }
  /** Not even the repository is there: terraform/registry makes it. */
  | { state: "no-repository" };

/** What Docker needs to log in. */
export interface RegistryCredentials {
  /** Host, and port when it is not the usual one; image references begin with it. */
  server: string;
  username: string;
  password: string;
}

/** The ECR registry of the project. */
export interface Registry {
  /** One request: whether the image is there. @throws SlipwayError when ECR refuses or cannot be reached */
  look(image: ImageKey): Promise<ImageState>;
  /** The images that are there, by name; one request each. @throws SlipwayError as `look` */
  find(images: readonly ImageKey[]): Promise<Map<string, RegistryImage>>;
  /** The content keys that an image with this digest is there under, sorted. @throws SlipwayError as `look` */
  keysOf(image: { name: string; digest: string }): Promise<string[]>;
  /** A password that Docker may push and pull with for twelve hours; masked. */
  login(): Promise<RegistryCredentials>;
  /** An image's repository inside the registry, without a host: `<project>/<image name>`. */
  repositoryName(name: string): string;
  /** An image's repository at the account's host, as manifests name it. */
  repositoryUri(name: string): string;
}

/** Where a project's images are. */
export interface RegistryOptions {
  account: string;
  region: string;
  project: string;
  credentials: AwsCredentialProvider;
}

/** Requests at once: enough to hide latency, below DescribeImages' burst rate in every region. */
const concurrency = 16;

/** Opens the project's registry; nothing is asked before the first call. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { account, region, project, credentials } = options;
  const { ECRClient } = await import("@aws-sdk/client-ecr");
  // Adaptive mode slows all requests down once ECR throttles one, so many images need more attempts than the usual 3.
  const client = new ECRClient({ region, credentials, retryMode: "adaptive", maxAttempts: 10 });
  const repositoryName = (name: string) => `${project}/${name}`;
  const look = (image: ImageKey) => describe(client, account, repositoryName(image.name), image);
  return {
    look,
    async find(images) {
      const states = await mapConcurrently(images, concurrency, look);
      return new Map(states.flatMap((each) => (each.state === "present" ? [[each.image.name, each.image]] : [])));
    },
    keysOf: ({ name, digest }) => keysOf(client, account, repositoryName(name), digest),
    login: () => login(client, account),
    repositoryName,
    repositoryUri: (name) => `${account}.dkr.ecr.${region}.amazonaws.com/${repositoryName(name)}`,
  };
}

async function describe(
  client: ECRClient,
  account: string,
  repositoryName: string,
  { name, key }: ImageKey,
): Promise<ImageState> {
  const { DescribeImagesCommand } = await import("@aws-sdk/client-ecr");
  try {
    const { imageDetails = [] } = await client.send(
      new DescribeImagesCommand({ registryId: account, repositoryName, imageIds: [{ imageTag: key }] }),
    );
    const found = imageDetails.find((each) => each.imageTags?.includes(key));
    if (!found?.imageDigest) return { state: "absent" };
    if (isArchived(found)) return { state: "absent", archived: true };
    const pushedAt = found.imagePushedAt ?? new Date(0);
    return {
      state: "present",
      image: { name, key, digest: found.imageDigest, size: found.imageSizeInBytes ?? 0, pushedAt },
    };
  } catch (error) {
    const kind = error instanceof Error ? error.name : "";
    if (kind === "ImageNotFoundException") return { state: "absent" };
    if (kind === "RepositoryNotFoundException") return { state: "no-repository" };
    throw awsFailure(`Looking for ${repositoryName}:${key} in ECR`, error);
  }
}

const isArchived = ({ imageStatus: status = "ACTIVE" }: ImageDetail) => status !== "ACTIVE";

async function keysOf(client: ECRClient, account: string, repositoryName: string, digest: string): Promise<string[]> {
  const { DescribeImagesCommand } = await import("@aws-sdk/client-ecr");
  const imageIds = [{ imageDigest: digest }];
  try {
    const { imageDetails = [] } = await client.send(
      new DescribeImagesCommand({ registryId: account, repositoryName, imageIds }),
    );
    const tags = imageDetails.flatMap((each) => (isArchived(each) ? [] : (each.imageTags ?? [])));
    return tags.filter((tag) => /^[0-9a-f]{64}$/.test(tag)).sort();
  } catch (error) {
    const kind = error instanceof Error ? error.name : "";
    if (kind === "ImageNotFoundException" || kind === "RepositoryNotFoundException") return [];
    throw awsFailure(`Looking for ${repositoryName}@${digest} in ECR`, error);
  }
}

async function login(client: ECRClient, account: string): Promise<RegistryCredentials> {
  const { GetAuthorizationTokenCommand } = await import("@aws-sdk/client-ecr");
  const answer = await client.send(new GetAuthorizationTokenCommand({})).catch((error: unknown) => {
    throw awsFailure("Logging in to ECR", error);
  });
  const granted = answer.authorizationData?.[0];
  if (!granted?.authorizationToken || !granted.proxyEndpoint)
    throw new SlipwayError("ECR answered the login without a token.", { next: "Run the job again." });
  const parsed = parseLogin(granted.authorizationToken, granted.proxyEndpoint);
  mask(granted.authorizationToken);
  mask(parsed.password);
  const owner = /^(\d{12})\.dkr\.ecr\./.exec(parsed.server)?.[1];
  if (owner !== undefined && owner !== account)
    throw new SlipwayError(`The credentials belong to AWS account ${owner}, but slipway.yaml says ${account}.`, {
      next: "Sign in to the right account, or correct aws.account in slipway.yaml.",
      reason: "wrong-account",
    });
  return parsed;
}

/** Takes ECR's answer apart. @param token base64 of `user:password` @param endpoint an address such as `https://host` */
export function parseLogin(token: string, endpoint: string): RegistryCredentials {
  const text = Buffer.from(token, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon < 1 || !URL.canParse(endpoint))
    throw new SlipwayError("ECR's login cannot be read.", { next: "Run the job again." });
  return { server: new URL(endpoint).host, username: text.slice(0, colon), password: text.slice(colon + 1) };
}
