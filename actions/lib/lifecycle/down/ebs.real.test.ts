import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EC2 } from "@aws-sdk/client-ec2";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { startEmulator } from "../../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { parseConfig } from "../../config/config.ts";
import { openEbs } from "./ebs.ts";

const parts = new AsyncDisposableStack();
const region = "us-east-1";
let proxy: Proxy;
/** EC2, past the proxy. */
let ec2: EC2;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "slipway-ebs-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint, day: "bad" }));
  ec2 = new EC2({ region, endpoint: emulator.endpoint, credentials: emulator.credentials });
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await parts.disposeAsync();
});

it("takes one snapshot of a disk, although a new one is in no list at first", async () => {
  const config = parseConfig(`
project: demo
aws: { account: "000000000000", region: ${region} }
git: { repository: owner/demo }
environments: { dev: { cluster: { publicAccessCidrs: [192.0.2.0/24] } } }
`);
  const tags = { "slipway:project": "demo", "slipway:environment": "dev", "ebs.csi.aws.com/cluster": "true" };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { VolumeId } = await ec2.createVolume({
    AvailabilityZone: `${region}a`,
    Size: 1,
    TagSpecifications: [{ ResourceType: "volume", Tags }],
  });
  const credentials = () => Promise.resolve({ accessKeyId: "test", secretAccessKey: "test" });
  await using ebs = await openEbs({ config, credentials, name: "dev" } as Parameters<typeof openEbs>[0]);
  for (let done = false; !done;) done = await ebs.snapshot({ VolumeId, Tags });
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ["self"] });
  expect(Snapshots.filter((one) => one.VolumeId === VolumeId)).toHaveLength(1);
  expect(proxy.day.hits["fresh-resource"]).toBeDefined();
});
