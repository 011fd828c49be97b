import { expect, it } from "vitest";
import type { Proof } from "../../../apps/contract/index.ts";
import type { WorkflowJob } from "../github/jobs.ts";
import type { Receipt } from "../receipt/receipt.ts";
import { parseResults } from "./jobs.ts";
import { makeReport, type ReportParts } from "./make.ts";

const job = (name: string, conclusion: string | null, from: number, to?: number): WorkflowJob => ({
  name,
  status: conclusion ? "completed" : "in_progress",
  conclusion,
  started_at: `2026-03-01T10:00:${String(from).padStart(2, "0")}Z`,
  completed_at: to === undefined ? null : `2026-03-01T10:00:${String(to).padStart(2, "0")}Z`,
  steps: conclusion === "failure" ? [{ name: "Run ./actions/build", conclusion: "failure" }] : [],
});
const digest = `sha256:${"a".repeat(64)}`;
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 10, 0, second));

const emptyProof: Proof = {
  environment: "dev",
  commit: "",
  provenAt: "2026-03-01T10:00:30.000Z",
  run: null,
  apps: [],
  superseded: [],
  skipped: [],
};

function report(results: string, jobs: WorkflowJob[], more: Partial<ReportParts> = {}) {
  return makeReport({
    kind: "delivery",
    identity: { repository: "o/r", run: "7", attempt: 1, commit: "c0", branch: "main", actor: "a" },
    environment: "dev",
    commit: { title: "Sell more", author: "A", committedAt: "2026-03-01T09:59:00.000Z" },
    results: parseResults(results),
    jobs,
    images: [
      { name: "demo-api", key: "key-demo-api", pushedAt: at(7) },
      { name: "demo-nginx", key: "key-demo-nginx", pushedAt: at(1) },
      { name: "demo-cache", key: "key-demo-cache", pushedAt: at(0) },
    ],
    release: undefined,
    proof: undefined,
    receipt: undefined,
    now: new Date("2026-03-01T10:01:00Z"),
    ...more,
  });
}

it("tells a delivery's stages, images, release and proof", () => {
  const proof = { ...emptyProof, commit: "r1" };
  const release = { commit: "r1", at: "2026-03-01T10:00:10.000Z", images: [{ app: "demo", name: "demo-api", digest }] };
  const results = "plan: success\nregistry: skipped\nbuild: success\nrelease: success\nverify: success\n";
  const jobs = [
    job("Plan", "success", 1, 2),
    job("Registry", "skipped", 2, 2),
    job("Build demo-nginx", "success", 3, 9),
    job("Build demo-api", "success", 3, 8),
    job("Release", "success", 9, 10),
    job("Verify", "success", 10, 30),
    job("Report", null, 31),
  ];
  const made = report(results, jobs, { release, proof });
  expect(made).toMatchObject({
    outcome: "succeeded",
    startedAt: "2026-03-01T10:00:01.000Z",
    finishedAt: "2026-03-01T10:01:00.000Z",
    title: "Sell more",
    proof,
    receipt: null,
    release,
  });
  expect(made.stages.map(({ stage, detail, outcome }) => `${stage} ${detail} ${outcome}`)).toEqual([
    "plan  succeeded",
    "registry  skipped",
    "build demo-api succeeded",
    "build demo-nginx succeeded",
    "release  succeeded",
    "verify  succeeded",
  ]);
  expect(made.stages[1]).toMatchObject({ startedAt: null, finishedAt: null });
  expect(made.images.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    "demo-api built",
    "demo-nginx built",
    "demo-cache adopted",
  ]);
});

it("tells where a delivery failed, and of stages that GitHub does not list", () => {
  const jobs = [job("Plan", "success", 1, 2), job("Build demo-api,demo-nginx", "failure", 3, 8)];
  const gone = ["demo-api", "demo-nginx"].map((name) => ({ name, key: name, pushedAt: undefined }));
  const made = report("plan: success\nbuild: failure\nrelease: skipped", jobs, { images: gone });
  expect(made.outcome).toBe("failed");
  expect(made.stages.slice(1)).toEqual([
    expect.objectContaining({ stage: "build", outcome: "failed", failure: 'The step "Run ./actions/build" failed.' }),
    { stage: "release", detail: "", outcome: "skipped", startedAt: null, finishedAt: null, failure: null },
  ]);
  expect(made.images.filter(({ outcome }) => outcome === "failed")).toHaveLength(2);
  expect(made).toMatchObject({ release: null, proof: null });
});

it("tells of a teardown by its receipt, without the account's own names for things", () => {
  const item = { class: "kept", title: "S3 bucket", id: "arn:aws:s3:::b", name: "b", monthlyUsd: 0, why: "It stays." };
  const receipt = {
    at: "2026-03-01T10:00:50.000Z",
    clean: true,
    seconds: 5,
    looks: 2,
    monthlyUsd: 0,
    keptMonthlyUsd: 0,
  };
  const whole = { ...receipt, account: "000000000000", items: [item] } as unknown as Receipt;
  const made = report("teardown: success", [job("Teardown", "success", 1, 50)], { kind: "teardown", receipt: whole });
  expect(made.receipt).toEqual({
    ...receipt,
    items: [{ class: "kept", title: "S3 bucket", name: "b", monthlyUsd: 0, why: "It stays." }],
  });
  expect(made).toMatchObject({ kind: "teardown", outcome: "succeeded", images: [], release: null });
});

it("says what the input results has to be, and takes a job without a result for one that was skipped", () => {
  expect(parseResults(" plan: success\n\nrelease: \nverify:")).toEqual({
    plan: "success",
    release: "skipped",
    verify: "skipped",
  });
  expect(() => parseResults("plan: fine")).toThrow('The input results has the line "plan: fine".');
  expect(() => parseResults('{"plan": {}}')).toThrow("The input results has the line");
});
