import type { ListObjectVersionsCommandOutput, ObjectIdentifier, S3Client } from "@aws-sdk/client-s3";
import { type AwsCredentialProvider, awsFailure } from "../../actions/lib/aws/credentials.ts";

/**
 * Whether a bucket is there.
 *
 * @param aws the account that owns it, and the region. A bucket of that name in another account is refused
 * @throws SlipwayError when AWS does not tell
 */
export async function bucketExists(
  bucket: string,
  { account, region }: { account: string; region: string },
  credentials: AwsCredentialProvider,
): Promise<boolean> {
  const { HeadBucketCommand } = await import("@aws-sdk/client-s3");
  using client = await openS3(region, credentials);
  try {
    // With the owner named, a bucket of that name in somebody else's account is refused and not written to.
    await client.s3.send(new HeadBucketCommand({ Bucket: bucket, ExpectedBucketOwner: account }));
    return true;
  } catch (error) {
    if (error instanceof Error && ["NotFound", "NoSuchBucket"].includes(error.name)) return false;
    throw awsFailure(`Looking for the bucket ${bucket}`, error);
  }
}

/** Makes a bucket. @throws SlipwayError when AWS refuses */
export async function makeBucket(bucket: string, region: string, credentials: AwsCredentialProvider): Promise<void> {
  const { CreateBucketCommand } = await import("@aws-sdk/client-s3");
  using client = await openS3(region, credentials);
  // us-east-1 is the one region that must not be named: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
  const elsewhere = { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } };
  const input = { Bucket: bucket, ...(region === "us-east-1" ? {} : elsewhere) };
  await client.s3.send(new CreateBucketCommand(input)).catch((error: unknown) => {
    throw awsFailure(`Making the bucket ${bucket}`, error);
  });
}

/** How many versions a bucket holds, deletion markers among them. @throws SlipwayError when AWS does not tell */
export async function countVersions(
  bucket: string,
  region: string,
  credentials: AwsCredentialProvider,
): Promise<number> {
  using client = await openS3(region, credentials);
  let count = 0;
  for await (const page of versions(client.s3, bucket)) count += page.length;
  return count;
}

/** Deletes a bucket with every version in it. @throws SlipwayError when something in it cannot be deleted */
export async function removeBucket(bucket: string, region: string, credentials: AwsCredentialProvider): Promise<void> {
  const { DeleteBucketCommand, DeleteObjectsCommand } = await import("@aws-sdk/client-s3");
  using client = await openS3(region, credentials);
  for await (const page of versions(client.s3, bucket)) {
    const input = { Bucket: bucket, Delete: { Objects: page, Quiet: true } };
    const { Errors: errors = [] } = await client.s3.send(new DeleteObjectsCommand(input)).catch((error: unknown) => {
      throw awsFailure(`Emptying the bucket ${bucket}`, error);
    });
    const [first] = errors;
    if (first) throw awsFailure(`Deleting ${first.Key} in ${bucket}`, new Error(`${first.Code}: ${first.Message}`));
  }
  await client.s3.send(new DeleteBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
    throw awsFailure(`Deleting the bucket ${bucket}`, error);
  });
}

/** Every version of every object, a page at a time; S3 deletes up to a page's 1,000 at once. */
async function* versions(client: S3Client, bucket: string): AsyncGenerator<ObjectIdentifier[]> {
  const { ListObjectVersionsCommand } = await import("@aws-sdk/client-s3");
  for (let from: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {}; from;) {
    const found: ListObjectVersionsCommandOutput = await client
      .send(new ListObjectVersionsCommand({ Bucket: bucket, ...from }))
      .catch((error: unknown) => {
        throw awsFailure(`Listing what is in ${bucket}`, error);
      });
    const { Versions = [], DeleteMarkers = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = found;
    const page = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (page.length > 0) yield page;
    from = IsTruncated ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined;
  }
}

async function openS3(region: string, credentials: AwsCredentialProvider): Promise<Disposable & { s3: S3Client }> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ region, credentials, maxAttempts: 5 });
  return { s3, [Symbol.dispose]: () => s3.destroy() };
}
