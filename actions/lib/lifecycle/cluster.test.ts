import { expect, it } from "vitest";
import { costOf } from "../prices/prices.ts";
import { machinesPart } from "./cluster.ts";

it("counts machines by their type, and spot ones apart, at most", () => {
  const spot = { InstanceType: "t4g.large", InstanceLifecycle: "spot" } as const;
  const [part] = machinesPart([spot, { InstanceType: "t4g.large" }, spot, { InstanceType: "m7g.large" }]);
  expect(part?.facts).toEqual({ "t4g.large": 3, "m7g.large": 1 });
  const { lines } = costOf(part?.billables ?? [], "eu-west-1");
  expect(lines.map(({ what, quantity }) => [what, quantity])).toEqual([
    ["t4g.large instance, spot, at most", 2],
    ["t4g.large instance", 1],
    ["m7g.large instance", 1],
  ]);
});
