import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type ClusterFixture, eventually, openClusterFixture } from "../../../testing/lifecycle/down/fixture.ts";
import { listAws, nothingInAws, removeKept } from "../../../testing/lifecycle/down/fixture-aws.ts";

let fixture: ClusterFixture;
beforeAll(async () => {
  fixture = await openClusterFixture();
}, 3_600_000);
afterAll(() => fixture[Symbol.asyncDispose]());
beforeEach(() => fixture.up());

const volumes = "/api/v1/persistentvolumes";

/** The name of the app's PersistentVolume. */
async function volumeName(): Promise<string> {
  const [volume] = (await fixture.kubernetes.list(volumes)).items;
  expect(volume).toBeDefined();
  return volume?.metadata.name ?? "";
}

/** What a person does who does not want to lose it. */
async function retain(): Promise<string> {
  const name = await volumeName();
  await fixture.kubernetes.patch(`${volumes}/${name}`, { spec: { persistentVolumeReclaimPolicy: "Retain" } });
  await eventually("the driver lets go of the volume", async () => {
    const { finalizers } = (await fixture.kubernetes.get(`${volumes}/${name}`))?.metadata ?? {};
    return finalizers?.length === 1;
  });
  return name;
}

const throughVolumes = ["delivery: gone", "apps: gone", "volumes: gone"];

/** Takes the environment down, and writes down which snapshots there are whenever a volume is about to go. */
async function downWith(policy: "delete" | "snapshot" | "keep") {
  const atDeletion: string[][] = [];
  fixture.onStep = async ({ action }) => {
    if (action === "DeleteVolume") atDeletion.push((await listAws(fixture.aws)).snapshots);
  };
  const { stages, error } = await fixture.down({ volumes: policy, until: "volumes" });
  expect(error).toBeUndefined();
  expect(stages).toEqual(throughVolumes);
  const { cluster, aws } = await fixture.list();
  expect(cluster.filter((each) => /persistentvolume| guests/.test(each))).toEqual([]);
  await removeKept(fixture.aws);
  return { atDeletion, aws };
}

it("asks what becomes of a volume that is to be retained, before anything changes; delete deletes it", async () => {
  const name = await retain();
  const before = await fixture.list();
  fixture.proxy.forget();
  const { stages, error } = await fixture.down();
  expect(stages).toEqual([]);
  expect(error).toMatchObject({
    reason: "retained-volume",
    message: expect.stringContaining(`${name} of guests/data-guests-database-0`),
    next: expect.stringContaining("delete, snapshot or keep. Nothing was changed."),
  });
  const asked = [...fixture.proxy.counts.keys()];
  expect(asked).not.toEqual([]);
  expect(asked.filter((each) => !/:(Describe|Get|List)/.test(each))).toEqual([]);
  expect(await fixture.list()).toEqual(before);

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
  await fixture.kubernetes.create(path, { metadata: { name: "held", finalizers: [finalizer] } });
  const { stages, error } = await fixture.down({ seconds: { volumes: 8 } });
  expect(stages).toEqual(["delivery: gone", "apps: gone", "volumes: failed"]);
  expect(error).toMatchObject({
    stage: "volumes",
    reason: "teardown-deadline",
    message: expect.stringMatching(
      /^namespace guests: .*Some content in the namespace has finalizers remaining: example\.org\/hold in 1 resource instances/m,
    ),
  });
  expect((await fixture.kubernetes.get(`${path}/held`))?.metadata.finalizers).toEqual([finalizer]);

  await fixture.kubernetes.patch(`${path}/held`, { metadata: { finalizers: null } });
  expect(await fixture.down({ until: "volumes" })).toMatchObject({
    error: undefined,
    stages: ["delivery: none", "apps: none", "volumes: gone"],
  });
  expect((await fixture.list()).aws).toEqual(nothingInAws);
});

it("stops while the CSI driver is dead, naming the volume, before anything later goes; then it goes on", async () => {
  const name = await volumeName();
  await fixture.controllers.stop("volumes");
  const { stages, error } = await fixture.down({ seconds: { volumes: 8 } });
  expect(stages).toEqual(["delivery: gone", "apps: gone", "volumes: failed"]);
  expect(error).toMatchObject({
    stage: "volumes",
    reason: "teardown-deadline",
    message: expect.stringContaining(`PersistentVolume ${name}: Released of guests/data-guests-database-0`),
    next: expect.stringContaining("Look at the EBS CSI driver"),
  });
  const { metadata } = (await fixture.kubernetes.get(`${volumes}/${name}`)) ?? {};
  expect(metadata?.finalizers).toContain("external-provisioner.volume.kubernetes.io/finalizer");
  const argocd = await fixture.kubernetes.get("/api/v1/namespaces/argocd");
  expect(argocd?.metadata.deletionTimestamp).toBeUndefined();
  expect((await fixture.list()).aws).toEqual({ ...nothingInAws, volumes: ["1 GB"] });

  fixture.controllers.start("volumes");
  const again = await fixture.down();
  expect(again.error).toBeUndefined();
  // The driver may be quicker than the first look.
  expect(again.stages.join()).toMatch(/^delivery: none,apps: none,volumes: (gone|none),argocd: gone$/);
  expect(await fixture.list()).toEqual({ cluster: [], aws: nothingInAws });
});

it("ends the same, killed after each thing that it asks for and between any two stages", async () => {
  const seen = new Set<string>();
  for (let runs = 1; ; runs += 1) {
    const killed = new AbortController();
    // What is left is told before anything is asked for; only what is asked for in this turn still happens.
    const { error, stages } = await fixture.down({ signal: killed.signal, onLine: () => killed.abort("cancelled") });
    seen.add(stages.at(-1) ?? "");
    if (error === undefined) break;
    expect(error).toMatchObject({ reason: "cancelled", next: "Run this again: it goes on from there." });
    expect(runs).toBeLessThan(500);
  }
  expect([...seen]).toEqual(["delivery: failed", "apps: failed", "volumes: failed", "argocd: failed", "argocd: none"]);
  expect(await fixture.list()).toEqual({ cluster: [], aws: nothingInAws });
  expect(fixture.failures).toEqual([]);
});
