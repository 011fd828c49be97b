import { expect, test } from "vitest";
import { applySummary, planSummary } from "./report.ts";

test("the summary of an apply counts, times, and names what took longest first", () => {
  const markdown = applySummary("environment dev", "applied", { add: 2, change: 0, remove: 1 }, 754_000, [
    { address: "aws_vpc.this", action: "create", milliseconds: 2100 },
    { address: "aws_eks_cluster.this", action: "create", milliseconds: 540_000 },
  ]);
  expect(markdown).toContain("| 2 | 0 | 1 | 12 min 34 s |");
  expect(markdown.indexOf("aws_eks_cluster")).toBeLessThan(markdown.indexOf("aws_vpc"));
});

test("a plan that holds a code fence of its own does not end ours", () => {
  const markdown = planSummary("registry", { add: 1, change: 0, remove: 0 }, "a\n```\nb");
  expect(markdown).toContain("\n````text\na\n```\nb\n````");
});

test("a plan above GitHub's limit for a summary is cut", () => {
  const markdown = planSummary("registry", { add: 1, change: 0, remove: 0 }, "x".repeat(2_000_000));
  expect(markdown.length).toBeLessThan(1_000_000);
  expect(markdown).toContain("(cut here)");
});
