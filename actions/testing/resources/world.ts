import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { type Emulator, startEmulator } from "../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { record, roleKey } from "../../../scripts/rehearsal/permissions/record.ts";
import { parseConfig } from "../../lib/config/config.ts";
import { scopeOf } from "../../lib/inventory/inventory.ts";
import type { Scope } from "../../lib/resources/scope.ts";
import { type AllClients, openClients } from "./leftovers.ts";

/** The project of these tests, with two environments in one account. */
export const testConfig = parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: owner/demo }
environments:
  dev: { cluster: { publicAccessCidrs: [0.0.0.0/0] } }
  eu: { cluster: { publicAccessCidrs: [0.0.0.0/0] }, network: { cidr: 10.1.0.0/16 } }
`);

/** An emulated account that the code under test reaches through the proxy. */
export interface TestAws extends AsyncDisposable {
  emulator: Emulator;
  proxy: Proxy;
  /** Through the proxy, and past it. */
  clients: AllClients;
  direct: AllClients;
  dev: Scope;
  eu: Scope;
}

/** Starts an account with nothing in it; `AWS_ENDPOINT_URL` names it until it is disposed of. */
export async function startTestAws(): Promise<TestAws> {
  await using parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "slipway-aws-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = parts.use(await startEmulator({ log: join(folder, "aws.log") }));
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint, sessions: roleKey.of("demo-apply-dev") }));
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
  parts.defer(() => void vi.unstubAllEnvs());
  const settings = { region: testConfig.aws.region, credentials: emulator.credentials };
  const credentials = () => Promise.resolve(roleKey);
  const { account, region } = testConfig.aws;
  // Each is looked at by the role that stands for its own.
  const names = {
    project: "demo",
    environment: "dev|eu|us|none|prod",
    account,
    region,
    domain: "(?:dev|eu).example.test",
  };
  parts.defer(() => record("sweep", proxy.calls, names));
  const all = parts.move();
  return {
    emulator,
    proxy,
    clients: openClients({ ...settings, endpoint: proxy.endpoint }),
    direct: openClients({ ...settings, endpoint: emulator.endpoint }),
    dev: scopeOf(testConfig, "dev", credentials),
    eu: scopeOf(testConfig, "eu", credentials),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
