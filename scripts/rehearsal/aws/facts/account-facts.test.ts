import { EC2 } from "@aws-sdk/client-ec2";
import { EKS } from "@aws-sdk/client-eks";
import { ServiceQuotas } from "@aws-sdk/client-service-quotas";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Proxy, startProxy } from "../proxy/proxy.ts";

/*
 * AWS's own clients read what is played: a name or a type that their schemas do not know would not come out of them.
 */
let proxy: Proxy;
const open = <T>(Client: new (options: object) => T): T =>
  new Client({
    endpoint: proxy.endpoint,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
beforeAll(async () => {
  // Nothing that is played reaches the emulator.
  proxy = await startProxy({ upstream: "http://127.0.0.1:9" });
});
afterAll(() => proxy.stop());

test("quotas are told, those that nobody changed as defaults only", async () => {
  const quotas = open(ServiceQuotas);
  const vpcs = { ServiceCode: "vpc", QuotaCode: "L-F678F1CE" };
  expect((await quotas.getServiceQuota(vpcs)).Quota).toMatchObject({ ...vpcs, Value: 5, Adjustable: true });
  const gateways = { ServiceCode: "vpc", QuotaCode: "L-FE5A380F" };
  await expect(quotas.getServiceQuota(gateways)).rejects.toMatchObject({ name: "NoSuchResourceException" });
  expect((await quotas.getAWSDefaultServiceQuota(gateways)).Quota).toMatchObject({ ...gateways, Value: 5 });
  await expect(quotas.getServiceQuota({ ...vpcs, QuotaCode: "L-0" })).rejects.toMatchObject({
    name: "NoSuchResourceException",
  });
});

test("instance types have processors, and zones offer them or not", async () => {
  const ec2 = open(EC2);
  const types = ["t3.large", "m6i.xlarge", "m6i.4xlarge"];
  const { InstanceTypes } = await ec2.describeInstanceTypes({ Filters: [{ Name: "instance-type", Values: types }] });
  expect(InstanceTypes?.map(({ InstanceType, VCpuInfo }) => [InstanceType, VCpuInfo?.DefaultVCpus])).toEqual([
    ["t3.large", 2],
    ["m6i.xlarge", 4],
    ["m6i.4xlarge", 16],
  ]);
  proxy.facts.notOffered.add("t3.large us-east-1b");
  const { InstanceTypeOfferings } = await ec2.describeInstanceTypeOfferings({
    LocationType: "availability-zone",
    Filters: [
      { Name: "instance-type", Values: ["t3.large"] },
      { Name: "location", Values: ["us-east-1a", "us-east-1b"] },
    ],
  });
  expect(InstanceTypeOfferings).toEqual([
    { InstanceType: "t3.large", LocationType: "availability-zone", Location: "us-east-1a" },
  ]);
});

test("the key of new disks is told", async () => {
  const ec2 = open(EC2);
  expect((await ec2.getEbsEncryptionByDefault({})).EbsEncryptionByDefault).toBe(false);
  expect((await ec2.getEbsDefaultKmsKeyId({})).KmsKeyId).toBe("alias/aws/ebs");
});

test("EKS tells its versions, and how long it supports them", async () => {
  const { clusterVersions } = await open(EKS).describeClusterVersions({ includeAll: true });
  expect(clusterVersions).toContainEqual({
    clusterVersion: "1.36",
    versionStatus: "STANDARD_SUPPORT",
    endOfStandardSupportDate: new Date("2027-08-02"),
  });
});

test("a dry run does nothing: it is refused, or would succeed", async () => {
  const ec2 = open(EC2);
  const attempt = () => ec2.createVpc({ DryRun: true, CidrBlock: "10.0.0.0/16" });
  await expect(attempt()).rejects.toMatchObject({ name: "DryRunOperation" });
  proxy.facts.forbidden.set("ec2:CreateVpc", "a service control policy");
  await expect(attempt()).rejects.toMatchObject({
    name: "UnauthorizedOperation",
    message: expect.stringContaining("explicit deny in a service control policy"),
  });
});
