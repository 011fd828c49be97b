import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECR } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startEmulator } from "../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { parseConfig } from "../config/config.ts";
import { scanOnPush } from "./scanning.ts";

const parts = new AsyncDisposableStack();
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
let proxy: Proxy;
let ecr: ECR;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-scanning-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
  ecr = new ECR({ region: "us-east-1", endpoint: proxy.endpoint, credentials });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await parts.disposeAsync();
});

/** Prepares the registry for a project; the person answers as told. @returns what the person was asked and told */
async function prepare(project: string, answer = true): Promise<string[]> {
  const told: string[] = [];
  const config = parseConfig(`
project: ${project}
aws: { account: "000000000000", region: us-east-1 }
git: { repository: owner/${project} }
environments: { dev: { cluster: { publicAccessCidrs: [192.0.2.0/24] } } }
`);
  await scanOnPush({
    config,
    credentials: () => Promise.resolve(credentials),
    log: (line) => void told.push(line),
    confirm: (question) => Promise.resolve(told.push(question) > 0 && answer),
  });
  return told;
}

const filters = async () =>
  (await ecr.getRegistryScanningConfiguration({})).scanningConfiguration?.rules?.map(
    ({ scanFrequency, repositoryFilters = [] }) =>
      `${scanFrequency}: ${repositoryFilters.map((f) => f.filter).join(" ")}`,
  );

test("two projects of an account are both scanned, each after somebody said yes, and once", async () => {
  expect((await prepare("demo", false)).length).toBe(1);
  expect(await filters()).toEqual([]);
  expect(await prepare("demo")).toEqual([
    "Have ECR scan each image that is pushed to demo/*? Rules of others stay.",
    "ECR scans what is pushed to demo/*.",
  ]);
  await prepare("blog");
  expect(await filters()).toEqual(["SCAN_ON_PUSH: demo/* blog/*"]);
  expect(await prepare("demo")).toEqual([]);
  expect(await filters()).toEqual(["SCAN_ON_PUSH: demo/* blog/*"]);
});

test("where Amazon Inspector scans, nothing is changed", async () => {
  const rule = {
    scanFrequency: "CONTINUOUS_SCAN",
    repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }],
  } as const;
  await ecr.putRegistryScanningConfiguration({ scanType: "ENHANCED", rules: [rule] as never });
  expect(await prepare("news")).toEqual(["Amazon Inspector scans this registry, by the account's own rules."]);
  expect(await filters()).toEqual(["CONTINUOUS_SCAN: *"]);
});

test("a refusal says what was tried", async () => {
  proxy.faults.add({ kind: "access-denied", service: "ecr", action: "GetRegistryScanningConfiguration" });
  await expect(prepare("demo")).rejects.toThrow(/^Having ECR scan what is pushed failed \(AccessDenied/);
  proxy.faults.clear();
});
