import { expect, test } from "vitest";
import { gibibytes, volumeSettings } from "./ebs-volume.ts";

test.each([
  ["1Gi", 1],
  ["1500Mi", 2],
  ["10G", 10],
  ["1", 1],
  ["1.5Ti", 1536],
  ["8589934592", 8],
])("%s is %i GiB", (quantity, size) => {
  expect(gibibytes(quantity)).toBe(size);
});

test.each(["", "Gi", "1 Gi", "-1Gi", "1Zi", "1gi"])("%j is not an amount of storage", (quantity) => {
  expect(() => gibibytes(quantity)).toThrow("not an amount of storage");
});

const wanted = (parameters: Record<string, string>) => ({
  name: "pvc-1",
  claim: { namespace: "guests", name: "data" },
  gibibytes: 2,
  zone: "eu-central-1a",
  parameters,
});

test("the class's parameters shape the volume", () => {
  const settings = volumeSettings("dev", wanted({ type: "io2", encrypted: "true", iops: "4000" }), { team: "web" });
  expect(settings).toMatchObject({ VolumeType: "io2", Encrypted: true, Iops: 4000, Size: 2 });
  expect(settings.ClientToken).toHaveLength(64);
  expect(settings.TagSpecifications?.[0]?.Tags).toContainEqual({ Key: "team", Value: "web" });
  expect(volumeSettings("dev", wanted({}), {})).toMatchObject({ VolumeType: "gp3", Encrypted: false });
  expect(volumeSettings("dev", wanted({ "csi.storage.k8s.io/fstype": "ext4" }), {})).not.toHaveProperty("Iops");
});

test("a parameter that would be left out silently is refused", () => {
  expect(() => volumeSettings("dev", wanted({ outpostArn: "arn" }), {})).toThrow("outpostArn");
});
