import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Proxy, startProxy } from "../aws/proxy/proxy.ts";
import { close, listen } from "../tools/listening.ts";
import { linesOf } from "./record.ts";

const names = { project: "demo", environment: "dev", account: "000000000000", region: "us-east-1" };
let answers: (request: IncomingMessage, body: string) => string;
let proxy: Proxy;

const upstream = createServer((request, response) => {
  void text(request).then((body) => response.end(answers(request, body)));
});

beforeEach(async () => {
  answers = () => "{}";
  const sessions = { given: "demo-plan" };
  proxy = await startProxy({ upstream: `http://127.0.0.1:${await listen(upstream)}`, sessions });
});
afterEach(async () => {
  await proxy.stop();
  await close(upstream);
});

/** Asks as whoever has an access key. */
function ask(
  key: string,
  service: string,
  headers: Record<string, string>,
  body: string,
  path = "",
): Promise<Response> {
  const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20261130/us-east-1/${service}/aws4_request, Signature=0`;
  return fetch(`${proxy.endpoint}${path}`, { method: "POST", headers: { authorization, ...headers }, body });
}
const form = { "content-type": "application/x-www-form-urlencoded" };
const query = (values: Record<string, string>) => new URLSearchParams(values).toString();

it("knows the role of a session that STS gave, of a key that stands for a role, and of a registry's login", async () => {
  answers = (_, body) =>
    body.includes("AssumeRole")
      ? "<Credentials><AccessKeyId>ASIA1</AccessKeyId></Credentials>"
      : JSON.stringify({ authorizationData: [{ authorizationToken: "x", proxyEndpoint: "x" }] });
  const RoleArn = "arn:aws:iam::000000000000:role/demo-deploy";
  await fetch(proxy.endpoint, {
    method: "POST",
    headers: form,
    body: query({ Action: "AssumeRoleWithWebIdentity", Version: "2011-06-15", RoleArn }),
  });
  const target = { "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken" };
  const login = (await (await ask("ASIA1", "ecr", target, "{}")).json()) as {
    authorizationData: { authorizationToken: string }[];
  };
  const authorization = `Basic ${login.authorizationData[0]?.authorizationToken}`;
  await fetch(`${proxy.endpoint}/v2/demo/api/manifests/x`, { headers: { authorization } });
  await ask("given", "eks", {}, "{}", "/clusters");
  await ask("nobody", "eks", {}, "{}", "/clusters");
  expect(proxy.requests.map(({ service, role }) => [service, role])).toEqual([
    ["sts", undefined],
    ["ecr", "demo-deploy"],
    ["registry", "demo-deploy"],
    ["eks", "demo-plan"],
    ["eks", undefined],
  ]);
  expect(await linesOf(proxy.calls, names)).toEqual([
    "deploy ecr:BatchGetImage arn:aws:ecr:REGION:ACCOUNT:repository/PROJECT/*",
    "deploy ecr:GetAuthorizationToken *",
    "plan eks:CreateCluster arn:aws:eks:REGION:ACCOUNT:cluster/*",
  ]);
});

it("keeps a call once, with what it tags and what that is made in, and without ids and foreign tags", async () => {
  const tag = (index: number, Key: string, Value: string) => ({
    [`TagSpecification.1.Tag.${index}.Key`]: Key,
    [`TagSpecification.1.Tag.${index}.Value`]: Value,
  });
  answers = (_, body) =>
    body.includes("DescribeTags")
      ? "<DescribeTagsResponse><tagSet><item><resourceId>vpc-0123456789abcdef0</resourceId><key>slipway:environment</key><value>dev</value></item></tagSet></DescribeTagsResponse>"
      : "<CreateSubnetResponse/>";
  const wanted = { Action: "CreateSubnet", Version: "2016-11-15", VpcId: "vpc-0123456789abcdef0" };
  const body = query({ ...wanted, ...tag(1, "slipway:project", "demo"), ...tag(2, "Name", "public") });
  await ask("given", "ec2", form, body);
  await ask("given", "ec2", form, body);
  expect(proxy.calls).toHaveLength(1);
  expect(await linesOf(proxy.calls, names)).toEqual([
    "plan ec2:CreateSubnet arn:aws:ec2:REGION:ACCOUNT:subnet/* aws:RequestTag/slipway:project=PROJECT",
    "plan ec2:CreateSubnet arn:aws:ec2:REGION:ACCOUNT:vpc/* aws:RequestTag/slipway:project=PROJECT aws:ResourceTag/slipway:environment=ENVIRONMENT",
  ]);
});

it("knows what hands a role over, an alias with its key, one version of an object, and a name in a zone", async () => {
  const call = (service: string, action: string, parameters: Record<string, string>) => ({
    role: "demo-apply-dev",
    parameters,
    things: [],
    operation: {
      service,
      action,
      parameters,
      protocol: "json" as const,
      region: "us-east-1",
      mutating: true,
      path: {},
    },
  });
  const lines = await linesOf(
    [
      call("iam", "AttachRolePolicy", { RoleName: "demo-dev.node", PolicyArn: "arn:aws:iam::aws:policy/One" }),
      call("kms", "CreateAlias", { AliasName: "alias/demo-dev", TargetKeyId: "0f" }),
      call("s3", "GetObject", { Bucket: "demo-state", Key: "environments/dev/terraform.tfstate", versionId: "1" }),
      call("s3", "ListObjectsV2", { Bucket: "demo-state", prefix: "reports/" }),
      call("budgets", "CreateBudget", { "Budget.BudgetName": "demo-dev" }),
      call("route53", "ChangeResourceRecordSets", {
        HostedZoneId: "Z1",
        "Name.0": "Shop.dev.example.test.",
        "Type.1": "A",
      }),
    ],
    { ...names, domain: "dev.example.test" },
  );
  expect(lines).toEqual([
    "apply-ENVIRONMENT budgets:ModifyBudget arn:aws:budgets::ACCOUNT:budget/PROJECT-ENVIRONMENT",
    "apply-ENVIRONMENT iam:AttachRolePolicy arn:aws:iam::ACCOUNT:role/PROJECT-ENVIRONMENT.node iam:PolicyARN=arn:aws:iam::aws:policy/One",
    "apply-ENVIRONMENT kms:CreateAlias arn:aws:kms:REGION:ACCOUNT:alias/PROJECT-ENVIRONMENT",
    "apply-ENVIRONMENT kms:CreateAlias arn:aws:kms:REGION:ACCOUNT:key/*",
    "apply-ENVIRONMENT route53:ChangeResourceRecordSets arn:aws:route53:::hostedzone/* route53:ChangeResourceRecordSetsNormalizedRecordNames=app.DOMAIN route53:ChangeResourceRecordSetsRecordTypes=A",
    "apply-ENVIRONMENT s3:GetObjectVersion arn:aws:s3:::PROJECT-state/environments/ENVIRONMENT/terraform.tfstate",
    "apply-ENVIRONMENT s3:ListBucket arn:aws:s3:::PROJECT-state s3:prefix=reports/",
  ]);
});

it("refuses an operation that it cannot name a permission for", async () => {
  const operation = {
    service: "eks",
    action: "Dance",
    protocol: "rest-json" as const,
    region: "",
    mutating: true,
    path: {},
  };
  const call = { role: "demo-plan", operation, parameters: {}, things: [] };
  await expect(linesOf([call], names)).rejects.toThrow("actions.ts knows eks:Dance");
});
