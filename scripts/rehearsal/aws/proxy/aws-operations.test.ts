import { expect, test } from "vitest";
import { identify } from "./aws-operations.ts";

function signedFor(service: string, more: Record<string, string> = {}) {
  const scope = `AKIAIOSFODNN7EXAMPLE/20261122/eu-central-1/${service}/aws4_request`;
  return {
    host: "127.0.0.1:4566",
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    ...more,
  };
}

test.each([
  ["GET /clusters", "ListClusters", false, {}],
  ["POST /clusters", "CreateCluster", true, {}],
  ["GET /clusters/dev", "DescribeCluster", false, { name: "dev" }],
  ["DELETE /clusters/dev", "DeleteCluster", true, { name: "dev" }],
  ["POST /clusters/dev/node-groups/a/update-config", "UpdateNodegroupConfig", true, { nodegroupName: "a" }],
  ["GET /clusters/dev/updates/1?nodegroupName=a", "DescribeUpdate", false, { name: "dev", updateId: "1" }],
  [
    "DELETE /clusters/dev/access-entries/arn%3Aaws%3Aiam%3A%3A0%3Arole%2Fx",
    "DeleteAccessEntry",
    true,
    { clusterName: "dev", principalArn: "arn:aws:iam::0:role/x" },
  ],
])("EKS: %s is %s", async (request, action, mutating, path) => {
  const [method = "", url = ""] = request.split(" ");
  const operation = await identify({ method, url, headers: signedFor("eks") });
  expect(operation).toMatchObject({ service: "eks", action, mutating, protocol: "rest-json", region: "eu-central-1" });
  expect(operation?.path).toMatchObject(path);
});

test.each([
  ["GET /", "ListBuckets", false],
  ["GET /?x-id=ListBuckets", "ListBuckets", false],
  ["PUT /bucket", "CreateBucket", true],
  ["HEAD /bucket", "HeadBucket", false],
  ["GET /bucket?list-type=2&prefix=a", "ListObjectsV2", false],
  ["GET /bucket/?versioning", "GetBucketVersioning", false],
  ["GET /bucket?versions", "ListObjectVersions", false],
  ["POST /bucket?delete", "DeleteObjects", true],
  ["GET /bucket/environments/dev/terraform.tfstate?x-id=GetObject", "GetObject", false],
  ["GET /bucket/key", "GetObject", false],
  ["PUT /bucket/key", "PutObject", true],
  ["PUT /bucket/key?x-id=UploadPart&partNumber=1&uploadId=1", "UploadPart", true],
  ["POST /bucket/key?uploads", "CreateMultipartUpload", true],
  ["DELETE /bucket/key?x-id=DeleteObject", "DeleteObject", true],
])("S3: %s is %s", async (request, action, mutating) => {
  const [method = "", url = ""] = request.split(" ");
  const operation = await identify({ method, url, headers: signedFor("s3") });
  expect(operation).toMatchObject({ service: "s3", action, mutating, protocol: "rest-xml" });
});

test("S3: a bucket may be named by the host", async () => {
  const headers = signedFor("s3", { host: "bucket.localhost:4566" });
  const operation = await identify({ method: "GET", url: "/key", headers });
  expect(operation).toMatchObject({ action: "GetObject", path: { Bucket: "bucket", Key: "key" } });
});

test.each([
  ["ec2", "Action=DeleteSubnet&Version=2016-11-15", "ec2", "DeleteSubnet", true, "ec2"],
  ["iam", "Action=GetRole&Version=2010-05-08", "iam", "GetRole", false, "query"],
  ["", "Action=AssumeRoleWithWebIdentity&Version=2011-06-15", "sts", "AssumeRoleWithWebIdentity", false, "query"],
])(
  "the query protocol names its operation in the body (%s: %s)",
  async (signed, body, service, action, mutating, protocol) => {
    const headers = {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      ...(signed && signedFor(signed)),
    };
    expect(await identify({ method: "POST", url: "/", headers }, body)).toMatchObject({
      service,
      action,
      mutating,
      protocol,
    });
  },
);

test("JSON services name their operation in a header", async () => {
  const headers = signedFor("kms", { "x-amz-target": "TrentService.ScheduleKeyDeletion" });
  const operation = await identify({ method: "POST", url: "/", headers });
  expect(operation).toMatchObject({ service: "kms", action: "ScheduleKeyDeletion", mutating: true, protocol: "json" });
});

test("a presigned request says in its query whom it is for", async () => {
  const credential = encodeURIComponent("AKIAIOSFODNN7EXAMPLE/20261122/us-east-1/sts/aws4_request");
  const url = `/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=${credential}`;
  const operation = await identify({ method: "GET", url, headers: {} });
  expect(operation).toMatchObject({
    service: "sts",
    action: "GetCallerIdentity",
    mutating: false,
    region: "us-east-1",
  });
});

test.each([
  ["GET /v2/", "GET ping", false, {}],
  ["HEAD /v2/project/name/blobs/sha256:1", "HEAD blobs", false, { name: "project/name" }],
  ["POST /v2/project/name/blobs/uploads/", "POST blobs/uploads", true, { name: "project/name" }],
  ["PUT /v2/project/name/manifests/tag", "PUT manifests", true, { name: "project/name" }],
])("the registry: %s is %s", async (request, action, mutating, path) => {
  const [method = "", url = ""] = request.split(" ");
  const operation = await identify({ method, url, headers: { authorization: "Basic x" } });
  expect(operation).toMatchObject({ service: "registry", action, mutating, path, protocol: "registry" });
});

test("an operation that is not known counts as changing", async () => {
  const operation = await identify({ method: "POST", url: "/unheard/of", headers: signedFor("eks") });
  expect(operation).toMatchObject({ service: "eks", action: "", mutating: true });
});

test("what is signed for nobody and names nothing is not of AWS", async () => {
  expect(await identify({ method: "GET", url: "/_ministack/health", headers: {} })).toBeUndefined();
});
