import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { startEmulator } from "../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy as AwsProxy, startProxy } from "../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { openRegistry, type Registry } from "./registry.ts";

const region = "us-east-1";
const credentials = () => Promise.resolve({ accessKeyId: "test", secretAccessKey: "test" });
const options = { account: "000000000000", region, project: "slipway", credentials };
const manifest = JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json" });
const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
const world = new AsyncDisposableStack();
let proxy: AwsProxy;
let registry: Registry;
let ecr: ECRClient;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-registry-test-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = world.use(await startEmulator({ log: join(folder, "emulator.log") }));
  proxy = world.use(await startProxy({ upstream: emulator.endpoint }));
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
  ecr = new ECRClient({ region, credentials });
  const repositoryName = "slipway/demo-one";
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  await ecr.send(new PutImageCommand({ repositoryName, imageManifest: manifest, imageTag: "here" }));
  registry = await openRegistry(options);
});

beforeEach(() => proxy.forget());

afterAll(async () => {
  vi.unstubAllEnvs();
  await world.disposeAsync();
});

it("tells an image, a missing image and a missing repository apart, with one request each", async () => {
  const image = { name: "demo-one", key: "here", digest };
  expect(await registry.look({ name: "demo-one", key: "here" })).toMatchObject({ state: "present", image });
  expect(await registry.look({ name: "demo-one", key: "gone" })).toEqual({ state: "absent" });
  expect(await registry.look({ name: "demo-two", key: "here" })).toEqual({ state: "no-repository" });
  expect(proxy.requests.map((each) => each.action)).toEqual(["DescribeImages", "DescribeImages", "DescribeImages"]);
});

it("finds what is there among many images", async () => {
  const absent = Array.from({ length: 40 }, (_, index) => ({ name: `demo-${index}`, key: "gone" }));
  const found = await registry.find([...absent, { name: "demo-one", key: "here" }]);
  expect([...found.keys()]).toEqual(["demo-one"]);
  expect(found.get("demo-one")?.pushedAt.getTime()).toBeGreaterThan(Date.now() - 600_000);
});

it("names the content keys of a digest, and no other tags", async () => {
  const key = "e".repeat(64);
  const repositoryName = "slipway/demo-one";
  await ecr.send(new PutImageCommand({ repositoryName, imageManifest: manifest, imageTag: key }));
  expect(await registry.keysOf({ name: "demo-one", digest })).toEqual([key]);
  expect(await registry.keysOf({ name: "demo-one", digest: `sha256:${"0".repeat(64)}` })).toEqual([]);
  expect(await registry.keysOf({ name: "demo-two", digest })).toEqual([]);
});

it("withstands throttling", async () => {
  using some = proxy.faults.add({ kind: "throttle", service: "ecr", action: "DescribeImages", times: 3 });
  expect(await registry.look({ name: "demo-one", key: "here" })).toMatchObject({ state: "present" });
  expect(some.hits).toBe(3);
});

it("does not take a refusal for a missing image", async () => {
  using _ = proxy.faults.add({ kind: "access-denied", service: "ecr", action: "DescribeImages" });
  await expect(registry.look({ name: "demo-one", key: "here" })).rejects.toMatchObject({
    reason: "access-denied",
    message: expect.stringMatching(/^Looking for slipway\/demo-one:here in ECR failed \(AccessDenied/) as string,
  });
});

it("hands out a login for the address that ECR names", async () => {
  const login = await registry.login();
  expect(login).toMatchObject({ server: new URL(proxy.endpoint).host, username: "AWS" });
  expect(login.password).not.toBe("");
});
