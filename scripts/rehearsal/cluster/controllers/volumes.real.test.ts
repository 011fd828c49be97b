import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EC2 } from "@aws-sdk/client-ec2";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { exists } from "../../../../actions/lib/core/files.ts";
import type { Kubernetes } from "../../../../actions/lib/kubernetes/kubernetes.ts";
import type { KubernetesObject } from "../../../../actions/lib/kubernetes/objects.ts";
import type { Proxy } from "../../aws/proxy/proxy.ts";
import {
  claimPath,
  type CloudControllersFixture,
  cluster,
  openCloudControllers,
  until,
  zone,
} from "./test-cloud-controllers.ts";
import { provisionerFinalizer, volumeIdAnnotation } from "./volumes.ts";

let fixture: CloudControllersFixture;
let folder: string;
let proxy: Proxy;
let ec2: EC2;
let kubernetes: Kubernetes;

beforeAll(async () => {
  fixture = await openCloudControllers("127.78.0.3");
  ({ folder, proxy, ec2, kubernetes } = fixture);
}, 3_600_000);
afterEach(() => fixture.clear());
afterAll(() => fixture[Symbol.asyncDispose]());

interface TestVolume extends KubernetesObject {
  spec: { local: { path: string } };
  status: { phase: string };
}

/** Makes a claim, as a pod on the node would use it, and gives its volume when it is bound. */
async function createClaim(name: string, storageClassName: string): Promise<TestVolume> {
  const made = await kubernetes.create(claimPath, {
    metadata: { name },
    spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1500Mi" } } },
  });
  const metadata = { annotations: { "volume.kubernetes.io/selected-node": "node-1" } };
  await kubernetes.patch(`${claimPath}/${name}`, { metadata });
  return until(async () => {
    const volume = await kubernetes.get<TestVolume>(`/api/v1/persistentvolumes/pvc-${made.metadata.uid ?? ""}`);
    return volume?.status.phase === "Bound" && volume;
  });
}

const volumesInAws = async () => (await ec2.describeVolumes({})).Volumes ?? [];
const folderOf = (volume: TestVolume) => join(folder, "node-1", basename(volume.spec.local.path));
const volumePath = (volume: TestVolume) => `/api/v1/persistentvolumes/${volume.metadata.name}`;

test("a claim waits for its node, gets a volume, and takes it along", async () => {
  await kubernetes.create(claimPath, {
    metadata: { name: "waiting" },
    spec: { storageClassName: "delete", accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  });
  const volume = await createClaim("data", "delete");
  const [disk, ...others] = await volumesInAws();
  expect(others).toEqual([]);
  expect(disk).toMatchObject({ Size: 2, VolumeType: "gp3", Encrypted: true, AvailabilityZone: zone });
  expect(Object.fromEntries(disk?.Tags?.map(({ Key, Value }) => [Key, Value]) ?? [])).toMatchObject({
    CSIVolumeName: volume.metadata.name,
    "ebs.csi.aws.com/cluster": "true",
    "kubernetes.io/created-for/pvc/name": "data",
    "kubernetes.io/created-for/pvc/namespace": "default",
    "kubernetes.io/created-for/pv/name": volume.metadata.name,
    [`kubernetes.io/cluster/${cluster}`]: "owned",
    "slipway:project": "slipway",
  });
  expect(volume.metadata.annotations?.[volumeIdAnnotation]).toBe(disk?.VolumeId);
  expect(volume.metadata.finalizers).toContain(provisionerFinalizer);
  expect(await exists(folderOf(volume))).toBe(true);
  await until(async () => (await fixture.events("data")).includes("ProvisioningSucceeded"));

  // A volume that is attached is not deleted, and its PersistentVolume stays until it is.
  const attached = proxy.faults.add({ service: "ec2", action: "DeleteVolume", kind: "code", code: "VolumeInUse" });
  await kubernetes.delete(`${claimPath}/data`);
  await until(async () => (await fixture.events(volume.metadata.name)).includes("VolumeFailedDelete"));
  expect(await kubernetes.get(volumePath(volume))).toMatchObject({ status: { phase: "Released" } });
  expect(await exists(folderOf(volume))).toBe(true);
  attached[Symbol.dispose]();
  await until(async () => (await kubernetes.get(volumePath(volume))) === undefined);
  expect(await volumesInAws()).toEqual([]);
  expect(await exists(folderOf(volume))).toBe(false);
  await kubernetes.delete(`${claimPath}/waiting`);
});

test("a claim whose class says Retain leaves its volume", async () => {
  const volume = await createClaim("kept", "retain");
  await kubernetes.delete(`${claimPath}/kept`);
  await until(async () => (await kubernetes.get<TestVolume>(volumePath(volume)))?.status.phase === "Released");
  await sleep(500);
  expect(await kubernetes.get(volumePath(volume))).toBeDefined();
  expect((await volumesInAws()).map(({ VolumeId }) => VolumeId)).toEqual([
    volume.metadata.annotations?.[volumeIdAnnotation],
  ]);
  expect(await exists(folderOf(volume))).toBe(true);

  // A person who wants it gone says so.
  await kubernetes.patch(volumePath(volume), { spec: { persistentVolumeReclaimPolicy: "Delete" } });
  await until(async () => (await kubernetes.get(volumePath(volume))) === undefined);
  expect(await volumesInAws()).toEqual([]);
});

test("a volume controller that is killed before any step is continued by the next one", async () => {
  fixture.interruptEachStep();
  const volume = await createClaim("killed", "delete");
  expect(await volumesInAws()).toHaveLength(1);
  await kubernetes.delete(`${claimPath}/killed`);
  await until(async () => (await kubernetes.get(volumePath(volume))) === undefined);
  // Some are done again where once and twice are the same.
  expect([...new Set(fixture.steps)].sort()).toEqual([
    "CreatePersistentVolume",
    "CreateVolume",
    "DeletePersistentVolume",
    "DeleteVolume",
    "MakeFolder",
    "RemoveFinalizer",
    "RemoveFolder",
  ]);
  expect(await volumesInAws()).toEqual([]);
  expect(await exists(folderOf(volume))).toBe(false);
});
