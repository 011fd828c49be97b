import { createServer, type Server } from "node:http";
import { ECR } from "@aws-sdk/client-ecr";
import { EKS } from "@aws-sdk/client-eks";
import { S3 } from "@aws-sdk/client-s3";
import { STS } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeError } from "./aws-errors.ts";
import { type AwsFault, AwsFaults } from "./faults.ts";
import { close, listen } from "../../tools/listening.ts";
import { type Proxy, startProxy } from "./proxy.ts";

let reached: number;
let upstream: Server;
let proxy: Proxy;

beforeEach(async () => {
  reached = 0;
  upstream = createServer((request, response) => {
    reached += 1;
    request.resume();
    response.writeHead(200, { "content-type": "application/json" }).end('{"clusters":["dev"]}');
  });
  proxy = await startProxy({ upstream: `http://127.0.0.1:${await listen(upstream)}` });
});

afterEach(async () => {
  await proxy.stop();
  await close(upstream);
});

function clients(maxAttempts = 1) {
  const settings = {
    endpoint: proxy.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts,
  };
  return { ecr: new ECR(settings), eks: new EKS(settings), s3: new S3(settings), sts: new STS(settings) };
}

/** One operation of each protocol that the SDKs of the actions speak. */
const operations = {
  ecr: (attempts?: number) => clients(attempts).ecr.describeRepositories({}),
  eks: (attempts?: number) => clients(attempts).eks.listClusters({}),
  s3: (attempts?: number) => clients(attempts).s3.listObjectsV2({ Bucket: "bucket" }),
  sts: (attempts?: number) => clients(attempts).sts.getCallerIdentity({}),
};
type ServiceName = keyof typeof operations;

test.each<[ServiceName, AwsFault["kind"] & ("throttle" | "server-error" | "access-denied"), string, number]>([
  ["ecr", "throttle", "ThrottlingException", 400],
  ["ecr", "server-error", "ServerException", 500],
  ["ecr", "access-denied", "AccessDeniedException", 400],
  ["eks", "throttle", "ThrottlingException", 429],
  ["eks", "server-error", "ServerException", 500],
  ["eks", "access-denied", "AccessDeniedException", 403],
  ["s3", "throttle", "SlowDown", 503],
  ["s3", "server-error", "InternalError", 500],
  ["s3", "access-denied", "AccessDenied", 403],
  ["sts", "throttle", "Throttling", 400],
  ["sts", "server-error", "InternalFailure", 500],
  ["sts", "access-denied", "AccessDenied", 403],
])("the SDK reads %s's %s as %s", async (service, kind, name, httpStatusCode) => {
  proxy.faults.add({ service, kind });
  await expect(operations[service]()).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
  expect(reached).toBe(0);
  expect(proxy.requests.at(-1)).toMatchObject({ fault: "error", status: httpStatusCode });
});

test("a code of one's own reaches the SDK with its message", async () => {
  proxy.faults.add({ service: "eks", kind: "code", code: "ResourceInUseException", status: 409, message: "a < b & c" });
  await expect(operations.eks()).rejects.toMatchObject({ name: "ResourceInUseException", message: "a < b & c" });
  proxy.faults.clear();
  proxy.faults.add({ service: "s3", kind: "code", code: "NoSuchBucket", status: 404, message: "a < b & c" });
  await expect(operations.s3()).rejects.toMatchObject({ name: "NoSuchBucket", message: "a < b & c" });
});

test("EC2's errors have EC2's form", () => {
  const operation = {
    service: "ec2",
    action: "DeleteSubnet",
    protocol: "ec2",
    region: "",
    mutating: true,
    path: {},
  } as const;
  const { body } = writeError(operation, { code: "DependencyViolation", message: "in use", status: 400 });
  expect(body).toMatch(
    /<Response><Errors><Error><Code>DependencyViolation<\/Code><Message>in use<\/Message><\/Error><\/Errors><RequestID>.+<\/RequestID><\/Response>$/,
  );
});

test("a fault that is used up lets the SDK's own retry succeed", async () => {
  const fault = proxy.faults.add({ service: "eks", action: "ListClusters", kind: "throttle", times: 2 });
  expect((await operations.eks(3)).clusters).toEqual(["dev"]);
  expect([fault.hits, reached]).toEqual([2, 1]);
});

test("a fault passes over what it is not for, and what it skips", async () => {
  proxy.faults.add({ service: "eks", action: "DescribeCluster", kind: "server-error" });
  proxy.faults.add({ service: "eks", action: "ListClusters", kind: "server-error", skip: 1 });
  await operations.eks();
  await expect(operations.eks()).rejects.toThrow("internal error");
});

test("a fault that is disposed of does not hit any more", async () => {
  {
    using _fault = proxy.faults.add({ service: "eks", kind: "server-error" });
    await expect(operations.eks()).rejects.toThrow("internal error");
  }
  await operations.eks();
});

test("a fault may ask whether it applies now, to this request", async () => {
  let blocked = true;
  const fault: AwsFault = {
    service: "eks",
    action: "DeleteCluster",
    kind: "code",
    code: "ResourceInUseException",
    status: 409,
    when: ({ path }) => Promise.resolve(blocked && path.name === "dev"),
  };
  proxy.faults.add(fault);
  const { eks } = clients();
  await expect(eks.deleteCluster({ name: "dev" })).rejects.toMatchObject({ name: "ResourceInUseException" });
  await eks.deleteCluster({ name: "other" });
  blocked = false;
  await eks.deleteCluster({ name: "dev" });
});

test("a condition may read the request's body", async () => {
  proxy.faults.add({ service: "ecr", kind: "access-denied", when: (_, body) => body.includes('"secret"') });
  const { ecr } = clients();
  await ecr.describeRepositories({ repositoryNames: ["open"] });
  await expect(ecr.describeRepositories({ repositoryNames: ["secret"] })).rejects.toThrow("not authorized");
});

test("a delay holds the request back and changes nothing else", async () => {
  proxy.faults.add({ service: "eks", kind: "delay", milliseconds: 300 });
  const start = performance.now();
  expect((await operations.eks()).clusters).toEqual(["dev"]);
  expect(performance.now() - start).toBeGreaterThanOrEqual(290);
});

test.each([
  ["before", false, 0],
  ["after", true, 1],
])("a connection that breaks %s the request is done", async (_, after, done) => {
  proxy.faults.add({ service: "eks", kind: "reset", after, times: 1 });
  await expect(operations.eks()).rejects.toMatchObject({ code: "ECONNRESET" });
  expect(reached).toBe(done);
  expect(proxy.requests.at(-1)).toMatchObject({ fault: "reset", status: undefined });
});

test("the registry's refusals have the registry's form", async () => {
  proxy.faults.add({ service: "registry", kind: "throttle" });
  const response = await fetch(`${proxy.endpoint}/v2/`);
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({ errors: [{ code: "TOOMANYREQUESTS" }] });
});

test("a fault with a limit never hits more requests at once than its limit", async () => {
  const faults = new AwsFaults();
  const fault = faults.add({ service: "eks", kind: "throttle", times: 3, when: () => Promise.resolve(true) });
  const operation = {
    service: "eks",
    action: "A",
    protocol: "rest-json",
    region: "",
    mutating: true,
    path: {},
  } as const;
  const effects = await Promise.all(Array.from({ length: 20 }, () => faults.strike(operation, "")));
  expect(effects.filter(Boolean)).toHaveLength(3);
  expect(fault.hits).toBe(3);
});
