import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { deriveWorkflow, filterPattern, readWorkflow, startsOnPush } from "./workflows.ts";

const workflow = `
name: deliver
on:
  push:
    branches: [main]
    paths-ignore: ["gitops/apps/*/images.yaml", "**.md"]
jobs:
  plan:
    name: Plan
    permissions: { contents: read, id-token: write }
    env: { A: b }
    steps:
      - uses: actions/checkout@0000 # v6
  build:
    environment: \${{ needs.plan.outputs.environment }}
    permissions: { id-token: write }
    concurrency: { group: x, cancel-in-progress: false, queue: max }
    steps: []
  sum:
    permissions: {}
    steps: []
`;
const endpoint = { requestUrl: "http://127.0.0.1:99/token?api-version=2.0", requestToken: "secret" };

describe("deriveWorkflow", () => {
  const derived = parse(deriveWorkflow("deliver.yml", workflow, endpoint)).jobs;

  it("tells jobs that may ask for a token where to ask, and keeps their own variables", () => {
    expect(derived.plan.env).toEqual({
      A: "b",
      ACTIONS_ID_TOKEN_REQUEST_URL: "http://127.0.0.1:99/token?api-version=2.0",
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "secret",
    });
  });

  it("adds the job's environment as the expression that it is", () => {
    expect(derived.build.env.ACTIONS_ID_TOKEN_REQUEST_URL).toBe(
      `${endpoint.requestUrl}&environment=\${{ needs.plan.outputs.environment }}`,
    );
  });

  it("leaves out how long a concurrency group's queue is, which act does not know", () => {
    expect(derived.build.concurrency).toEqual({ group: "x", "cancel-in-progress": false });
    const text = "concurrency: { group: y, queue: max }\njobs: { a: { concurrency: z, steps: [] } }";
    expect(parse(deriveWorkflow("w.yml", text, endpoint))).toMatchObject({
      concurrency: { group: "y" },
      jobs: { a: { concurrency: "z" } },
    });
  });

  it("tells other jobs nothing", () => {
    expect(derived.sum.env).toBeUndefined();
  });

  it("lets a job inherit the workflow's permissions", () => {
    const text = "permissions: { id-token: write }\njobs: { a: { steps: [] }, b: { permissions: {}, steps: [] } }";
    const { a, b } = parse(deriveWorkflow("w.yml", text, endpoint)).jobs;
    expect(a.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN).toBe("secret");
    expect(b.env).toBeUndefined();
  });

  it("keeps the last jobs that are asked for, and what they need", () => {
    const text = "jobs: { a: {}, b: { needs: a }, c: { needs: [b] }, d: { needs: [a, b, c] } }";
    expect(Object.keys(parse(deriveWorkflow("w.yml", text, endpoint, ["b"])).jobs)).toEqual(["a", "b"]);
    expect(Object.keys(parse(deriveWorkflow("w.yml", text, endpoint, ["c", "nothing"])).jobs)).toEqual(["a", "b", "c"]);
  });

  it("checks the run's own commit out for the branch, and leaves other refs", () => {
    const checkout = (ref: string) => `{ uses: actions/checkout@v6, with: { ref: "${ref}", fetch-depth: 1 } }`;
    const text = `jobs: { a: { steps: [${checkout("${{ github.ref }}")}, ${checkout("other")}, { run: ls }] } }`;
    const { steps } = parse(deriveWorkflow("w.yml", text, endpoint)).jobs.a;
    expect(steps.map((step: { with?: object }) => step.with)).toEqual([
      { "fetch-depth": 1 },
      { ref: "other", "fetch-depth": 1 },
      undefined,
    ]);
  });

  it("names the file that is not a workflow", () => {
    expect(() => deriveWorkflow("w.yml", "a: [", endpoint)).toThrow("w.yml: ");
    expect(() => deriveWorkflow("w.yml", "a: b", endpoint)).toThrow("w.yml has no jobs");
  });
});

describe("readWorkflow", () => {
  it("reads filters, jobs and concurrency", () => {
    const read = readWorkflow("deliver.yml", workflow);
    expect(read).toMatchObject({ name: "deliver", exclusive: true, wantsHistory: false });
    expect(read.push).toEqual({ branches: ["main"], pathsIgnore: ["gitops/apps/*/images.yaml", "**.md"] });
    expect([...read.jobs]).toEqual([
      ["plan", "Plan"],
      ["build", "build"],
      ["sum", "sum"],
    ]);
  });

  it("knows events without filters and workflows that no push starts", () => {
    expect(readWorkflow("a.yml", "on: push\njobs: {}").push).toEqual({});
    expect(readWorkflow("a.yml", "on: [push, pull_request]\njobs: {}").push).toEqual({});
    expect(readWorkflow("a.yml", "on: { pull_request: {} }\njobs: {}").push).toBeUndefined();
  });
});

describe("startsOnPush", () => {
  const filter = { branches: ["main", "release/**"], pathsIgnore: ["**.md", "docs/**"] };
  it.each([
    ["refs/heads/main", ["a.ts"], true],
    ["refs/heads/release/1/2", ["a.ts"], true],
    ["refs/heads/other", ["a.ts"], false],
    ["refs/tags/main", ["a.ts"], false],
    ["refs/heads/main", ["README.md", "docs/a/b.png"], false],
    ["refs/heads/main", ["README.md", "a.ts"], true],
  ])("%s with %j is %s", (ref, changed, expected) => {
    expect(startsOnPush(filter, ref, changed)).toBe(expected);
  });

  it("lets a later negative pattern take back", () => {
    const paths = { paths: ["apps/**", "!apps/**.md"] };
    expect(startsOnPush(paths, "refs/heads/x", ["apps/a.md"])).toBe(false);
    expect(startsOnPush(paths, "refs/heads/x", ["apps/a.md", "apps/a.ts"])).toBe(true);
  });
});

// The table of https://docs.github.com/en/actions/writing-workflows/workflow-syntax-for-github-actions#filter-pattern-cheat-sheet
describe("filterPattern", () => {
  it.each([
    ["feature/*", "feature/my-branch", true],
    ["feature/*", "feature/a/b", false],
    ["**/docs/**", "docs/hello.md", true],
    ["**/docs/**", "dir/docs/my-file.txt", true],
    ["docs/**/*.md", "docs/README.md", true],
    ["*.jsx?", "page.js", true],
    ["*.jsx?", "page.jsx", true],
    ["v[12].[0-9]+.[0-9]+", "v1.10.1", true],
    ["*.js", "js/index.js", false],
    ["a.b", "axb", false],
  ])("%s and %s: %s", (pattern, value, expected) => {
    expect(filterPattern(pattern).test(value)).toBe(expected);
  });
});
