import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type ClusterBench, eventually, openClusterBench } from "../../../testing/lifecycle/down/bench.ts";
import { listAws, nothingInAws, removeKept } from "../../../testing/lifecycle/down/bench-aws.ts";

let bench: ClusterBench;
beforeAll(async () => {
  bench = await openClusterBench();
}, 3_600_000);
afterAll(() => bench[Symbol.asyncDispose]());
beforeEach(() => bench.up());

const volumes = "/api/v1/persistentvolumes";

/** The name of the app's PersistentVolume. */
async function volumeName(): Promise<string> {
  const [volume] = (await bench.kubernetes.list(volumes)).items;
  expect(volume).toBeDefined();
  return volume?.metadata.name ?? "";
}

/** What a person does who does not want to lose it. */
async function retain(): Promise<string> {
  const name = await volumeName();
  await bench.kubernetes.patch(`${volumes}/${name}`, { spec: { persistentVolumeReclaimPolicy: "Retain" } });
  await eventually("the driver lets go of the volume", async () => {
    const { finalizers } = (await bench.kubernetes.get(`${volumes}/${name}`))?.metadata ?? {};
    return finalizers?.length === 1;
  });
  return name;
}

const throughVolumes = ["delivery: gone", "apps: gone", "volumes: gone"];

/** Takes the environment down, and writes down which snapshots there are whenever a volume is about to go. */
async function downWith(policy: "delete" | "snapshot" | "keep") {
  const atDeletion: string[][] = [];
  bench.onStep = async ({ action }) => {
    if (action === "DeleteVolume") atDeletion.push((await listAws(bench.aws)).snapshots);
  };
  const { stages, error } = await bench.down({ volumes: policy, until: "volumes" });
  expect(error).toBeUndefined();
  expect(stages).toEqual(throughVolumes);
  const { cluster, aws } = await bench.list();
  expect(cluster.filter((each) => /persistentvolume| guests/.test(each))).toEqual([]);
  await removeKept(bench.aws);
  return { atDeletion, aws };
}

it("asks what becomes of a volume that is to be retained, before anything changes; delete deletes it", async () => {
  const name = await retain();
  const before = await bench.list();
  bench.proxy.forget();
  const { stages, error } = await bench.down();
  expect(stages).toEqual([]);
  expect(error).toMatchObject({
    reason: "retained-volume",
    message: expect.stringContaining(`${name} of guests/data-guests-database-0`),
    next: expect.stringContaining("delete, snapshot or keep. Nothing was changed."),
  });
  const asked = [...bench.proxy.counts.keys()];
  expect(asked).not.toEqual([]);
  expect(asked.filter((each) => !/:(Describe|Get|List)/.test(each))).toEqual([]);
  expect(await bench.list()).toEqual(before);

  const { aws } = await downWith("delete");
  expect(aws).toEqual(nothingInAws);
});

it("deletes a volume that its own policy would delete at once only when its snapshot is complete", async () => {
  const { aws, atDeletion } = await downWith("snapshot");
  const copy = "1 GB, completed, kept";
  // The driver may do it twice, where once and twice are the same.
  expect(new Set(atDeletion.flat())).toEqual(new Set([copy]));
  expect(atDeletion).not.toContainEqual([]);
  expect(aws).toEqual({ ...nothingInAws, snapshots: [copy] });
});

it("keeps a volume that its own policy would delete, and marks it", async () => {
  const { aws, atDeletion } = await downWith("keep");
  expect(atDeletion).toEqual([]);
  expect(aws).toEqual({ ...nothingInAws, volumes: ["1 GB, kept"] });
});

it("stops at the deadline where a namespace cannot go, with Kubernetes' own words", async () => {
  const path = "/api/v1/namespaces/guests/configmaps";
  const finalizer = "example.org/hold";
  await bench.kubernetes.create(path, { metadata: { name: "held", finalizers: [finalizer] } });
  const { stages, error } = await bench.down({ seconds: { volumes: 8 } });
  expect(stages).toEqual(["delivery: gone", "apps: gone", "volumes: failed"]);
  expect(error).toMatchObject({
    stage: "volumes",
    reason: "teardown-deadline",
    message: expect.stringMatching(
      /^namespace guests: .*Some content in the namespace has finalizers remaining: example\.org\/hold in 1 resource instances/m,
    ),
  });
  expect((await bench.kubernetes.get(`${path}/held`))?.metadata.finalizers).toEqual([finalizer]);

  await bench.kubernetes.patch(`${path}/held`, { metadata: { finalizers: null } });
  expect(await bench.down({ until: "volumes" })).toMatchObject({
    error: undefined,
    stages: ["delivery: none", "apps: none", "volumes: gone"],
  });
  expect((await bench.list()).aws).toEqual(nothingInAws);
});

it("stops while the CSI driver is dead, naming the volume, before anything later goes; then it goes on", async () => {
  const name = await volumeName();
  await bench.controllers.stop("volumes");
  const { stages, error } = await bench.down({ seconds: { volumes: 8 } });
  expect(stages).toEqual(["delivery: gone", "apps: gone", "volumes: failed"]);
  expect(error).toMatchObject({
    stage: "volumes",
    reason: "teardown-deadline",
    message: expect.stringContaining(`PersistentVolume ${name}: Released of guests/data-guests-database-0`),
    next: expect.stringContaining("Look at the EBS CSI driver"),
  });
  const { metadata } = (await bench.kubernetes.get(`${volumes}/${name}`)) ?? {};
  expect(metadata?.finalizers).toContain("external-provisioner.volume.kubernetes.io/finalizer");
  const argocd = await bench.kubernetes.get("/api/v1/namespaces/argocd");
  expect(argocd?.metadata.deletionTimestamp).toBeUndefined();
  expect((await bench.list()).aws).toEqual({ ...nothingInAws, volumes: ["1 GB"] });

  bench.controllers.start("volumes");
  const again = await bench.down();
  expect(again.error).toBeUndefined();
  // The driver may be quicker than the first look.
  expect(again.stages.join()).toMatch(/^delivery: none,apps: none,volumes: (gone|none),argocd: gone$/);
  expect(await bench.list()).toEqual({ cluster: [], aws: nothingInAws });
});

it("ends the same, killed after each thing that it asks for and between any two stages", async () => {
  const seen = new Set<string>();
  for (let runs = 1; ; runs += 1) {
    const killed = new AbortController();
    // What is left is told before anything is asked for; only what is asked for in this turn still happens.
    const { error, stages } = await bench.down({ signal: killed.signal, onLine: () => killed.abort("cancelled") });
    seen.add(stages.at(-1) ?? "");
    if (error === undefined) break;
    expect(error).toMatchObject({ reason: "cancelled", next: "Run this again: it goes on from there." });
    expect(runs).toBeLessThan(500);
  }
  expect([...seen]).toEqual(["delivery: failed", "apps: failed", "volumes: failed", "argocd: failed", "argocd: none"]);
  expect(await bench.list()).toEqual({ cluster: [], aws: nothingInAws });
  expect(bench.failures).toEqual([]);
});
