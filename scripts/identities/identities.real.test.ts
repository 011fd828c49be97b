import { expect, test } from "vitest";
import { awsTables } from "./aws-table.ts";
import { jobIdentities } from "./github-table.ts";
import { readPolicies } from "./policies.ts";

const names = { project: "p", region: "us-east-1", account: "123456789012", repository: "o/r", branch: "main" };
const jobs = await jobIdentities();

test("each job that takes on a role is in a workflow file that the role trusts, and no other file is trusted", async () => {
  const { roles } = await readPolicies({ ...names, environments: ["dev"] });
  for (const [role, name] of [
    ["deploy", "deploy"],
    ["apply", "apply-dev"],
  ] as const) {
    const files = new Set(jobs.filter((job) => job.roles.includes(role)).map(({ workflow }) => workflow));
    const trusted = [...files].map((file) => `o/r/.github/workflows/${file}@refs/heads/main`);
    expect([...(roles[name]?.claims.job_workflow_ref ?? [])].sort(), role).toEqual(trusted.sort());
  }
});

test("what applies runs in an environment and asks for a token, and nothing that a pull request starts changes AWS", () => {
  const applies = jobs.filter(({ roles }) => roles.includes("apply"));
  expect(applies.length).toBeGreaterThan(2);
  for (const { inEnvironment, permissions } of applies) {
    expect(inEnvironment).toBe(true);
    expect(permissions).toContain("id-token: write");
  }
  expect(jobs.filter(({ inEnvironment, roles }) => inEnvironment && !roles.includes("apply"))).toEqual([]);
  for (const { roles } of jobs.filter(({ events }) => events.some((event) => event.startsWith("pull_request"))))
    expect(roles.filter((role) => role !== "plan")).toEqual([]);
});

test("the tables name every role with its statements", async () => {
  const tables = await awsTables();
  for (const role of ["plan", "deploy", "apply-<environment>"]) expect(tables).toContain(`#### \`<project>-${role}\``);
  expect(tables).toContain("`iam role/<project>-<environment>.*`");
  expect(tables).toContain("`aws:ResourceTag/slipway:environment` is `<environment>`");
  expect(tables).toContain("- `AmazonEKSClusterPolicy`");
  expect(tables).not.toMatch(/PROJECT|ENVIRONMENT|ACCOUNT|OWNER/);
});
