import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { messageOf, SlipwayError } from "../../core/errors.ts";

/** An object's text and the tag that changes whenever it is written. */
export interface StoredObject {
  text: string;
  etag: string;
}

/** The few things that we do ourselves in the bucket that holds Terraform's state. Every call throws SlipwayError. */
export interface StateStore {
  /** An object, or `undefined` when there is none. */
  read(key: string): Promise<StoredObject | undefined>;
  /** An object's tag, or `undefined` when there is none. */
  tag(key: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Writes only where nothing is; `false` when something was there already. */
  create(key: string, text: string): Promise<boolean>;
  /** Removes an object; one that is gone already is not an error. */
  remove(key: string): Promise<void>;
  /** The keys that begin so, all of them. */
  list(prefix: string): Promise<string[]>;
}

/** A bucket that cannot be used: every call throws `why`. */
export function noStore(why: SlipwayError): StateStore {
  const fail = () => Promise.reject(why);
  return { read: fail, tag: fail, write: fail, create: fail, remove: fail, list: fail };
}

/** Opens the bucket. Nothing is asked of AWS, and no SDK loaded, before the first call. */
export function openStateStore(options: {
  bucket: string;
  region: string;
  credentials: NonNullable<S3ClientConfig["credentials"]>;
}): StateStore {
  const Bucket = options.bucket;
  let opened: Promise<{ sdk: typeof import("@aws-sdk/client-s3"); client: S3Client }> | undefined;
  const open = () => {
    opened ??= import("@aws-sdk/client-s3").then((sdk) => ({
      sdk,
      client: new sdk.S3Client({ region: options.region, credentials: options.credentials, maxAttempts: 5 }),
    }));
    return opened;
  };
  const failed = (doing: string) => (error: unknown) => {
    throw explainS3(error, Bucket, doing);
  };

  return {
    async read(key) {
      const { sdk, client } = await open();
      const found = await client
        .send(new sdk.GetObjectCommand({ Bucket, Key: key }))
        .catch(absent)
        .catch(failed(`read ${key}`));
      return found?.Body ? { text: await found.Body.transformToString(), etag: found.ETag ?? "" } : undefined;
    },
    async tag(key) {
      const { sdk, client } = await open();
      const found = await client
        .send(new sdk.HeadObjectCommand({ Bucket, Key: key }))
        .catch(absent)
        .catch(failed(`read ${key}`));
      return found?.ETag;
    },
    async write(key, text) {
      const { sdk, client } = await open();
      await client
        .send(new sdk.PutObjectCommand({ Bucket, Key: key, Body: text, ContentType: "application/json" }))
        .catch(failed(`write ${key}`));
    },
    async create(key, text) {
      const { sdk, client } = await open();
      const input = { Bucket, Key: key, Body: text, ContentType: "application/json", IfNoneMatch: "*" };
      return client
        .send(new sdk.PutObjectCommand(input))
        .then(() => true)
        .catch((error: unknown) => {
          // The second is what one of two writers at the same moment is told.
          // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
          if (/^(PreconditionFailed|ConditionalRequestConflict)$/.test(nameOf(error))) return false;
          throw explainS3(error, Bucket, `write ${key}`);
        });
    },
    async remove(key) {
      const { sdk, client } = await open();
      await client.send(new sdk.DeleteObjectCommand({ Bucket, Key: key })).catch(failed(`remove ${key}`));
    },
    async list(prefix) {
      const { sdk, client } = await open();
      const keys: string[] = [];
      try {
        for await (const page of sdk.paginateListObjectsV2({ client }, { Bucket, Prefix: prefix }))
          keys.push(...(page.Contents ?? []).flatMap(({ Key: key }) => key ?? []));
      } catch (error) {
        throw explainS3(error, Bucket, `list ${prefix}`);
      }
      return keys;
    },
  };
}

/** A missing object is a result; everything else stays an error. */
function absent(error: unknown): undefined {
  if (!/^(NoSuchKey|NotFound)$/.test(nameOf(error))) throw error;
}

/** The code of AWS's answer. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "error";
}

function explainS3(error: unknown, bucket: string, doing: string): SlipwayError {
  // The answer to a HEAD has no body, so only its status says that it was refused.
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const name = status === 403 ? "AccessDenied" : nameOf(error);
  if (name === "NoSuchBucket")
    return new SlipwayError(`The state bucket ${bucket} does not exist.`, {
      next: 'Run "./slipway bootstrap" once for this account.',
      reason: "not-bootstrapped",
      cause: error,
    });
  const next =
    name === "AccessDenied"
      ? "The role needs s3:ListBucket on the bucket and s3:GetObject, to write also s3:PutObject and s3:DeleteObject, on its objects."
      : "Check the credentials and the account and region of slipway.yaml, then run it again.";
  return new SlipwayError(`Cannot ${doing} in the state bucket ${bucket} (${name}: ${messageOf(error)}).`, {
    next,
    cause: error,
  });
}
