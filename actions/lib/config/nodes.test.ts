import { expect, test } from "vitest";
import { nodeGroups, nodesSchema } from "./nodes.ts";

const groupsOf = (value: object) => nodeGroups(nodesSchema.parse(value));

test("one group on demand, of a type with the architecture, when nothing is said", () => {
  const usual = { types: ["t3.large"], capacity: "on-demand", min: 1, desired: 2, max: 3 };
  expect(groupsOf({})).toEqual({ default: usual });
  expect(groupsOf({ architecture: "arm64" })).toEqual({ default: { ...usual, types: ["t4g.large"] } });
});

test("a second group is spot, with the first one's types unless it has its own", () => {
  const { default: first, spot } = groupsOf({ types: ["m5.large"], max: 2, spot: { min: 0, desired: 0 } });
  expect(first).toEqual({ types: ["m5.large"], capacity: "on-demand", min: 1, desired: 2, max: 2 });
  expect(spot).toEqual({ types: ["m5.large"], capacity: "spot", min: 0, desired: 0, max: 3 });
  expect(groupsOf({ spot: { types: ["t3a.large"] } }).spot?.types).toEqual(["t3a.large"]);
});

test("one group may be spot alone", () => {
  expect(groupsOf({ capacity: "spot", desired: 1 })).toEqual({
    default: { types: ["t3.large"], capacity: "spot", min: 1, desired: 1, max: 3 },
  });
});
