import { expect, it } from "vitest";
import { describeStages, stageRows } from "./stages.ts";

it("tells the stages in the order in which an environment comes up, and how each comes and goes", () => {
  const rows = stageRows();
  expect(rows.map(({ name }) => name)).toEqual([
    "account",
    "registry",
    "network",
    "logs",
    "cluster",
    "argocd",
    "volumes",
    "apps",
    "reachable",
    "delivery",
  ]);
  expect(rows.find(({ name }) => name === "cluster")).toMatchObject({
    up: "actions/infra, by terraform/environment",
    down: { minutes: 60, doneWhen: expect.stringContaining("EKS knows no such cluster") },
  });
  expect(rows[0]).toMatchObject({ up: "once per account, by ./slipway bootstrap", down: null });
  expect(rows.filter(({ up }) => up === "")).toEqual([]);
  const text = describeStages(rows);
  expect(text).toContain("not by itself");
  expect(text).toContain("within 15 minutes: no Application");
});
