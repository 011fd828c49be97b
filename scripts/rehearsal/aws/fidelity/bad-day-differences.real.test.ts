import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type AccountClients, openAccount, type TestAccount } from "./test-account.ts";

let account: TestAccount;
let root: AccountClients;

beforeAll(async () => {
  account = await openAccount("bad");
  root = account.clients();
});
afterAll(() => account[Symbol.asyncDispose]());
afterEach(() => vi.useRealTimers());

const allow = (Action: string | string[], Condition?: object) => ({
  Sid: "Test",
  Effect: "Allow",
  Action,
  Resource: "*",
  ...(Condition && { Condition }),
});
const roleArn = (name: string) => `arn:aws:iam::${account.id}:role/${name}`;

/** Lets time go on at once, for the proxy too, which is in this process. */
function later(milliseconds: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds });
}

test("a new account's service-linked roles are made in the name of whoever needs them first", async () => {
  const { elb } = account.clients(await account.takeOn("balancer", [allow("elasticloadbalancing:*")]));
  const make = (Name: string) => elb.createLoadBalancer({ Name, Type: "network", Subnets: [] });
  const refused = {
    name: "AccessDenied",
    message: expect.stringContaining("iam:CreateServiceLinkedRole") as string,
  };
  await expect(make("one")).rejects.toMatchObject(refused);
  const of = (service: string) =>
    allow("iam:CreateServiceLinkedRole", { StringEquals: { "iam:AWSServiceName": service } });
  await account.allow("balancer", [of("eks.amazonaws.com")]);
  await expect(make("one")).rejects.toMatchObject(refused);
  await account.allow("balancer", [of("elasticloadbalancing.amazonaws.com")]);
  await make("one");
  await account.allow("balancer", [allow("elasticloadbalancing:*")]);
  await make("two");
});

test("a new key's tags do not count for a while, and its own policy does", async () => {
  const tagged = allow("kms:*", { StringEquals: { "aws:ResourceTag/slipway:project": "demo" } });
  const keys = account.clients(await account.takeOn("keeper", [tagged, allow("kms:CreateKey")])).kms;
  const Tags = [{ TagKey: "slipway:project", TagValue: "demo" }];
  const make = async (Policy?: string) => (await keys.createKey({ Tags, Policy })).KeyMetadata?.KeyId ?? "";
  const KeyId = await make();
  await expect(keys.enableKeyRotation({ KeyId })).rejects.toMatchObject({
    name: "AccessDeniedException",
    message: expect.stringContaining("kms:EnableKeyRotation") as string,
  });
  const own = { ...allow("kms:EnableKeyRotation"), Principal: { AWS: roleArn("keeper") } };
  await keys.enableKeyRotation({ KeyId: await make(JSON.stringify({ Version: "2012-10-17", Statement: [own] })) });
  later(21_000);
  await keys.enableKeyRotation({ KeyId });
});

test("what EC2 has just made is not found at first", async () => {
  const { ec2 } = root;
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.1.0.0/24" });
  const look = () => ec2.describeVpcs({ VpcIds: [Vpc?.VpcId ?? ""] });
  await expect(look()).rejects.toMatchObject({ name: "InvalidVpcID.NotFound" });
  later(2_100);
  expect((await look()).Vpcs).toHaveLength(1);
  const { Subnet } = await ec2.createSubnet({ VpcId: Vpc?.VpcId, CidrBlock: "10.1.0.0/24" });
  await expect(ec2.deleteSubnet({ SubnetId: Subnet?.SubnetId })).rejects.toMatchObject({
    name: "InvalidSubnetID.NotFound",
  });
});

test("a new role is neither found nor taken at first, by each service on its own", async () => {
  const RoleName = "fresh";
  await root.iam.createRole({ RoleName, AssumeRolePolicyDocument: "{}" });
  const look = () => root.iam.getRole({ RoleName });
  const use = () => root.eks.createCluster({ name: "fresh", roleArn: roleArn(RoleName), resourcesVpcConfig: {} });
  const assume = () =>
    root.sts.assumeRoleWithWebIdentity({
      RoleArn: roleArn(RoleName),
      RoleSessionName: "test",
      WebIdentityToken: "e30.e30.x",
    });
  await expect(look()).rejects.toMatchObject({ name: "NoSuchEntityException" });
  later(4_100);
  await look();
  await expect(use()).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: expect.stringContaining("does not exist") as string,
  });
  await expect(assume()).rejects.toMatchObject({ name: "AccessDenied" });
  later(4_100);
  await use();
});

test("a burst of requests meets the limit, which the SDK's own retries get past", async () => {
  const burst = (attempts: number) => {
    const { ec2, eks } = account.clients(undefined, attempts);
    const all = Array.from({ length: 8 }, () => [ec2.describeVpcs({}), eks.listClusters({})]);
    return Promise.allSettled<unknown>(all.flat());
  };
  const refused = (await burst(1)).flatMap((each) => (each.status === "rejected" ? [(each.reason as Error).name] : []));
  expect(new Set(refused)).toEqual(new Set(["RequestLimitExceeded", "ThrottlingException"]));
  // As many attempts as the clients of the actions have.
  expect((await burst(5)).filter(({ status }) => status === "rejected")).toEqual([]);
});
