import type { Bucket, ListObjectVersionsCommandOutput, ObjectIdentifier, S3 } from "@aws-sdk/client-s3";
import { SlipwayError } from "../core/errors.ts";
import { formatBytes } from "../core/summary.ts";
import { type Tags, tagsOf } from "./ownership.ts";
import { type ClientSettings, defineKind, unlessGone } from "./resource.ts";
import { type Scope } from "./scope.ts";
import { taggedArns } from "./tagging.ts";

const open = async (settings: ClientSettings) =>
  new (await import("@aws-sdk/client-s3")).S3({ ...settings, followRegionRedirects: true });

/** What is in a bucket, below a prefix, with every version. */
async function measure(s3: S3, Bucket: string, Prefix = ""): Promise<{ versions: number; bytes: number }> {
  let [versions, bytes] = [0, 0];
  for await (const { Versions = [], DeleteMarkers = [] } of versionPages(s3, Bucket, Prefix)) {
    versions += Versions.length + DeleteMarkers.length;
    bytes += Versions.reduce((sum, { Size = 0 }) => sum + Size, 0);
  }
  return { versions, bytes };
}

/** The SDK has no paginator for versions: two markers say together where the next page begins. */
async function* versionPages(s3: S3, Bucket: string, Prefix: string) {
  let markers: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {};
  while (markers) {
    const page: ListObjectVersionsCommandOutput = await s3.listObjectVersions({
      Bucket,
      Prefix,
      ...markers,
    });
    yield page;
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    markers = page.IsTruncated
      ? { ...(KeyMarker !== undefined && { KeyMarker }), ...(VersionIdMarker !== undefined && { VersionIdMarker }) }
      : undefined;
  }
}

const bucketArn = (name: string) => `arn:aws:s3:::${name}`;

/** A bucket's tags; none where S3 says that there is no set of them. */
async function bucketTags(s3: S3, Bucket: string): Promise<Tags> {
  const answer = await unlessGone(["NoSuchTagSet"], s3.getBucketTagging({ Bucket }));
  return tagsOf(answer?.TagSet);
}

/** Buckets by their tags or names, and the one that keeps Terraform's state. */
export const buckets = defineKind<S3, Bucket>({
  name: "bucket",
  title: "S3 bucket",
  arn: { service: "s3", resource: /^([^/]+)$/ },
  gone: ["NoSuchBucket", "NotFound"],
  open,
  async *list(s3, scope) {
    const { bucket, project, environment } = scope;
    const names = new Set<string>();
    for (const Prefix of [bucket, `${project}-${environment}-`])
      for await (const { Buckets: found = [] } of s3.paginateListBuckets({ Prefix }))
        for (const { Name: name } of found) if (name?.startsWith(Prefix)) names.add(name);
    for (const arn of await taggedArns(scope, ["s3"])) names.add(arn.replace(bucketArn(""), ""));
    for (const Bucket of names) {
      // The tags' own index lags behind.
      const there = await unlessGone(["NoSuchBucket", "NotFound"], s3.headBucket({ Bucket }));
      if (there) yield [{ Name: Bucket }];
    }
  },
  async get(s3, Bucket) {
    await s3.headBucket({ Bucket });
    return { Name: Bucket };
  },
  async describe({ Name: name = "?" }, { bucket, project, environment }, s3) {
    const isState = name === bucket;
    const [{ versions, bytes }, tags] = await Promise.all([measure(s3, name), isState ? {} : bucketTags(s3, name)]);
    return {
      id: bucketArn(name),
      name,
      owner: isState ? "bootstrap" : "environment",
      marks: { tags, named: isState || name.startsWith(`${project}-${environment}-`) },
      facts: { versions, size: formatBytes(bytes), ...(isState && { is: "Terraform's state" }) },
      billables: versions > 0 ? [{ kind: "objects", quantity: bytes / 1e9 }] : [],
    };
  },
  async remove(s3, Bucket, { owner }) {
    if (owner !== "environment")
      throw new SlipwayError(`${Bucket} keeps Terraform's state: it is not removed with an environment.`);
    await emptyBucket(s3, Bucket);
    await s3.deleteBucket({ Bucket });
  },
});

/** Deletes every version, delete marker and unfinished upload of a bucket. @throws SlipwayError naming a key that stays */
export async function emptyBucket(s3: S3, Bucket: string): Promise<void> {
  for await (const { Versions = [], DeleteMarkers = [] } of versionPages(s3, Bucket, "")) {
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }): ObjectIdentifier => ({
      Key,
      ...(VersionId !== undefined && { VersionId }),
    }));
    if (Objects.length === 0) continue;
    const { Errors: [failed] = [] } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
    if (failed)
      throw new SlipwayError(`S3 did not delete ${failed.Key ?? "?"} in ${Bucket} (${failed.Code ?? "?"}).`, {
        next: failed.Message ?? "Look at the bucket in the S3 console.",
      });
  }
  for (;;) {
    // A page that was aborted makes room for the next.
    const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
    if (Uploads.length === 0) return;
    for (const { Key, UploadId } of Uploads) await s3.abortMultipartUpload({ Bucket, Key, UploadId });
  }
}

/** What the state bucket keeps of the environment: its state with its earlier versions, and its inventory. */
export const state = defineKind<S3, Awaited<ReturnType<typeof measure>>>({
  name: "state",
  title: "Terraform state",
  arn: { service: "s3", resource: /^[^/]+\/(environments\/[^/]+\/)$/ },
  gone: ["NoSuchBucket"],
  open,
  async *list(s3, scope) {
    const found = await unlessGone(["NoSuchBucket"], measure(s3, scope.bucket, folderOf(scope)));
    yield found && found.versions > 0 ? [found] : [];
  },
  get: (s3, folder, _arn, { bucket }) => measure(s3, bucket, folder),
  describe: ({ versions, bytes }, scope) => ({
    id: `${bucketArn(scope.bucket)}/${folderOf(scope)}`,
    name: folderOf(scope),
    owner: "bootstrap",
    marks: { named: true },
    facts: { versions, size: formatBytes(bytes) },
    billables: [], // the bucket, which it is part of, is billed
  }),
  remove(_s3, folder) {
    throw new SlipwayError(`${folder} is the record of what was there: it is not removed with an environment.`);
  },
});

const folderOf = ({ environment }: Scope) => `environments/${environment}/`;
