import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EKS } from "@aws-sdk/client-eks";
import { S3 } from "@aws-sdk/client-s3";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../../../actions/lib/core/process.ts";
import { type Emulator, startEmulator } from "./emulator.ts";
import { startProxy } from "../proxy/proxy.ts";
import { ensurePython } from "../../tools/python.ts";
import { ensureSystemPackages } from "../../tools/system.ts";

const region = "eu-central-1";
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-emulator-"));
  await ensurePython();
  // `ss`, which tells who listens where, comes in the package of `ip`.
  await ensureSystemPackages(["ip"]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function settings(emulator: Emulator, endpoint = emulator.endpoint) {
  return { endpoint, region, credentials: emulator.credentials };
}

/** Addresses on which a process listens, for example `127.0.0.1:4566`. */
async function listening(pid: number): Promise<string[]> {
  const { stdout } = await run("ss", ["-ltnpH"]);
  const lines = stdout.split("\n").filter((line) => line.includes(`pid=${String(pid)},`));
  return lines.map((line) => line.split(/\s+/)[3] ?? "");
}

test("two emulators run side by side, know nothing of each other, and are small and quick", async () => {
  const start = performance.now();
  await using stack = new AsyncDisposableStack();
  const [one, other] = await Promise.all(
    ["one", "other"].map(async (name) => stack.use(await startEmulator({ log: join(folder, `${name}.log`) }))),
  );
  expect(performance.now() - start).toBeLessThan(15_000);
  if (!one || !other) throw new Error("both were started");

  await new S3(settings(one)).createBucket({ Bucket: "only-in-one" });
  expect((await new S3(settings(one)).listBuckets({})).Buckets?.map(({ Name }) => Name)).toEqual(["only-in-one"]);
  expect((await new S3(settings(other)).listBuckets({})).Buckets ?? []).toEqual([]);
  for (const { pid, port } of [one, other]) {
    expect(await listening(pid)).toEqual([`127.0.0.1:${String(port)}`]);
    const status = await readFile(`/proc/${String(pid)}/status`, "utf8");
    expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(150 * 1024);
  }
});

test("it owns the account and uses the region that it is started with", async () => {
  const log = join(folder, "account.log");
  await using emulator = await startEmulator({ log, account: "123456789012" });
  const identity = await new STS(settings(emulator)).getCallerIdentity({});
  expect(identity).toMatchObject({ Account: "123456789012", Arn: "arn:aws:iam::123456789012:root" });
});

test("it ends when it is disposed of, and when whoever started it is killed", async () => {
  const emulator = await startEmulator({ log: join(folder, "ended.log") });
  await emulator.stop();
  expect(await listening(emulator.pid)).toEqual([]);
  await emulator.stop();

  const module = JSON.stringify(join(import.meta.dirname, "emulator.ts"));
  const log = JSON.stringify(join(folder, "orphan.log"));
  const script = `
    const { startEmulator } = await import(${module});
    const emulator = await startEmulator({ log: ${log} });
    process.stdout.write(String(emulator.pid), () => process.kill(process.pid, "SIGKILL"));`;
  let pid = "";
  await run(process.execPath, ["--input-type=module", "--eval", script], { onLine: (line) => (pid = line) }).catch(
    () => {},
  );
  expect(pid).toMatch(/^\d+$/);
  for (let waited = 0; waited < 10_000 && (await isRunning(pid)); waited += 100) await sleep(100);
  expect(await isRunning(pid)).toBe(false);
});

async function isRunning(pid: string): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return status !== "" && !/State:\s+Z/.test(status);
}

test("with auth, only keys that exist are taken, and the root user may do everything through the proxy", async () => {
  await using emulator = await startEmulator({ log: join(folder, "auth.log"), auth: true });
  await using proxy = await startProxy({ upstream: emulator.endpoint });
  const root = settings(emulator, proxy.endpoint);
  const nobody = { ...root, credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "any" } };
  await new S3(root).createBucket({ Bucket: "bucket" });
  await new S3(root).putObject({ Bucket: "bucket", Key: "a/b c", Body: Buffer.alloc(1024 * 1024) });
  const found = await new S3(root).headObject({ Bucket: "bucket", Key: "a/b c" });
  expect(found.ContentLength).toBe(1024 * 1024);
  expect((await new EKS(root).listClusters({})).clusters).toEqual([]);
  await expect(new S3(nobody).listBuckets({})).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
  await expect(new EKS(nobody).listClusters({})).rejects.toMatchObject({ name: "UnrecognizedClientException" });
});

test("a cluster that no image is given for is a record: nothing asks for Docker", async () => {
  const log = join(folder, "cluster.log");
  await using emulator = await startEmulator({ log });
  const eks = new EKS(settings(emulator));
  const roleArn = `arn:aws:iam::${emulator.account}:role/cluster`;
  await eks.createCluster({ name: "dev", roleArn, resourcesVpcConfig: { subnetIds: ["subnet-1"] } });
  let status: string | undefined;
  for (let waited = 0; waited < 10_000 && status !== "ACTIVE"; waited += 100) {
    status = (await eks.describeCluster({ name: "dev" })).cluster?.status;
    await sleep(100);
  }
  expect(status).toBe("ACTIVE");
  expect(await readFile(log, "utf8")).toContain("Docker unavailable");
});

/** Asks EC2, IAM and ELB as AWS's SDK for Python does: the actions have no SDKs of these. */
const codes = `
import botocore.config, botocore.exceptions, botocore.session, sys
session = botocore.session.Session()
config = botocore.config.Config(retries={"total_max_attempts": 1})
for service, operation, parameters in [
    ("ec2", "DeleteSubnet", {"SubnetId": "subnet-1"}),
    ("ec2", "DescribeVpcs", {}),
    ("iam", "ListRoles", {}),
    ("elbv2", "DescribeLoadBalancers", {}),
    ("kms", "ListKeys", {}),
    ("logs", "DescribeLogGroups", {}),
]:
    client = session.create_client(service, endpoint_url=sys.argv[1], region_name="eu-central-1", config=config,
        aws_access_key_id="test", aws_secret_access_key="test")
    try:
        client._make_api_call(operation, parameters)
    except botocore.exceptions.ClientError as error:
        print(service, operation, error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
`;

test("AWS's SDK for Python reads the codes of injected faults", async () => {
  await using emulator = await startEmulator({ log: join(folder, "codes.log") });
  await using proxy = await startProxy({ upstream: emulator.endpoint });
  proxy.faults.add({ service: "ec2", action: "DeleteSubnet", kind: "dependency-violation", resource: "subnet-1" });
  proxy.faults.add({ service: "ec2", kind: "throttle" });
  proxy.faults.add({ service: "iam", kind: "access-denied" });
  proxy.faults.add({ service: "elasticloadbalancing", kind: "throttle" });
  proxy.faults.add({ service: "kms", kind: "access-denied" });
  proxy.faults.add({ service: "logs", kind: "throttle" });
  const { python } = await ensurePython();
  const { stdout } = await run(python, ["-c", codes, proxy.endpoint]);
  expect(stdout.trim().split("\n")).toEqual([
    "ec2 DeleteSubnet 400 DependencyViolation",
    "ec2 DescribeVpcs 503 RequestLimitExceeded",
    "iam ListRoles 403 AccessDenied",
    "elbv2 DescribeLoadBalancers 400 Throttling",
    "kms ListKeys 400 AccessDeniedException",
    "logs DescribeLogGroups 400 ThrottlingException",
  ]);
});
