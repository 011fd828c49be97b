import { expect, it } from "vitest";
import type { Resource } from "../resources/resource.ts";
import type { Scope } from "../resources/scope.ts";
import type { StateStore } from "../terraform/state/store.ts";
import { mergeInventories, readInventory, saveInventory } from "./saved.ts";

const scope: Scope = {
  project: "demo",
  environment: "dev",
  account: "000000000000",
  region: "us-east-1",
  clusterName: "demo-dev",
  bucket: "demo-state",
  vpcs: [],
  credentials: () => Promise.reject(new Error("nobody is asked")),
};
const resource = (id: string, name = id): Resource => ({
  kind: "volume",
  id,
  name,
  owner: "environment",
  by: "tag",
  facts: { size: "1 GB" },
  billables: [{ kind: "volume", type: "gp3", quantity: 1 }],
});
const now = new Date("2026-11-24T10:00:00Z");

/** A bucket in memory. */
function memory(objects = new Map<string, string>()): StateStore & { objects: Map<string, string> } {
  const unused = () => Promise.reject(new Error("not asked for here"));
  return {
    objects,
    read: async (key) => {
      const text = objects.get(key);
      return text === undefined ? undefined : { text, etag: "" };
    },
    write: async (key, text) => void objects.set(key, text),
    tag: unused,
    create: unused,
    remove: unused,
    list: unused,
  };
}

it("is the union of what was known and what is there, and what is there now counts", () => {
  const first = mergeInventories(scope, undefined, { vpcs: ["vpc-1"], resources: [resource("a"), resource("b")] }, now);
  const second = mergeInventories(
    scope,
    first,
    { vpcs: ["vpc-2"], resources: [resource("b", "new"), resource("c")] },
    now,
  );
  expect(second.vpcs).toEqual(["vpc-1", "vpc-2"]);
  expect(second.resources.map(({ id, name }) => [id, name])).toEqual([
    ["a", "a"],
    ["b", "new"],
    ["c", "c"],
  ]);
  expect(Object.keys(second.resources[0] ?? {})).not.toContain("billables");
});

it("comes back from the bucket as it was saved, and never shrinks unless told to", async () => {
  const store = memory();
  expect(await readInventory(store, scope)).toBeUndefined();
  await saveInventory(store, scope, { vpcs: [], resources: [resource("a")] });
  const saved = await saveInventory(store, scope, { vpcs: [], resources: [] });
  expect(saved.resources).toHaveLength(1);
  expect(await readInventory(store, scope)).toEqual(saved);
  expect((await saveInventory(store, scope, { vpcs: [], resources: [] }, { replace: true })).resources).toEqual([]);
});

it.each([
  ["no JSON", "{"],
  ["another form", '{"version":2}'],
  ["another environment's", { environment: "eu" }],
  ["another account's", { account: "111111111111" }],
])("refuses what is %s", async (_what, change) => {
  const good = mergeInventories(scope, undefined, { vpcs: [], resources: [resource("a")] }, now);
  const text = typeof change === "string" ? change : JSON.stringify({ ...good, ...change });
  const store = memory(new Map([["environments/dev/inventory.json", text]]));
  await expect(readInventory(store, scope)).rejects.toMatchObject({ reason: "inventory-unreadable" });
  await expect(saveInventory(store, scope, { vpcs: [], resources: [] })).rejects.toThrow(
    /is not an inventory of demo's dev/,
  );
  expect(store.objects.get("environments/dev/inventory.json"), "and leaves it as it is").toBe(text);
});

it("notices that somebody else wrote in between", async () => {
  const store = memory();
  const read = store.read.bind(store);
  let reads = 0;
  store.read = async (key) => ((reads += 1) === 2 ? undefined : read(key));
  await expect(saveInventory(store, scope, { vpcs: [], resources: [] })).rejects.toThrow(/reads differently/);
});
