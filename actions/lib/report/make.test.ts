import { expect, it } from "vitest";
import type { WorkflowJob } from "../github-jobs.ts";
import type { Receipt } from "../receipt.ts";
import { parseNeeds } from "./jobs.ts";
import { makeReport, type ReportParts } from "./make.ts";

const job = (name: string, conclusion: string | null, from: number, to?: number): WorkflowJob => ({
  name,
  status: conclusion ? "completed" : "in_progress",
  conclusion,
  started_at: `2026-03-01T10:00:${String(from).padStart(2, "0")}Z`,
  completed_at: to === undefined ? null : `2026-03-01T10:00:${String(to).padStart(2, "0")}Z`,
  steps: conclusion === "failure" ? [{ name: "Run ./actions/build", conclusion: "failure" }] : [],
});
const done = (outputs: Record<string, string> = {}) => ({ result: "success", outputs });
const digest = `sha256:${"a".repeat(64)}`;
const matrix = JSON.stringify([{ shard: 1, images: "shop-api,shop-nginx" }]);

function report(needs: object, jobs: WorkflowJob[], more: Partial<ReportParts> = {}) {
  return makeReport({
    kind: "delivery",
    identity: { repository: "o/r", run: "7", attempt: 1, commit: "c0", branch: "main", actor: "a" },
    environment: "dev",
    commit: { title: "Sell more", author: "A", committedAt: "2026-03-01T09:59:00.000Z" },
    needs: parseNeeds(JSON.stringify(needs)),
    jobs,
    images: ["shop-api", "shop-nginx", "shop-cache"].map((name) => ({ name, key: `key-${name}` })),
    now: new Date("2026-03-01T10:01:00Z"),
    ...more,
  });
}

it("tells a delivery's stages, images, release and proof", () => {
  const changes = [
    { name: "shop-api", app: "shop", after: digest, state: "changed" },
    { name: "shop-cache", app: "shop", after: digest, state: "unchanged" },
  ];
  const proof = { environment: "dev", commit: "r1", apps: [] };
  const needs = {
    plan: done({ build: matrix }),
    registry: { result: "skipped" },
    build: done(),
    release: done({ result: "released", commit: "r1", images: JSON.stringify(changes) }),
    verify: done({ proof: JSON.stringify(proof) }),
  };
  const jobs = [
    job("Plan", "success", 1, 2),
    job("Registry", "skipped", 2, 2),
    job("Build shop-nginx", "success", 3, 9),
    job("Build shop-api", "success", 3, 8),
    job("Release", "success", 9, 10),
    job("Verify", "success", 10, 30),
    job("Report", null, 31),
  ];
  const made = report(needs, jobs);
  expect(made).toMatchObject({
    ...{ outcome: "succeeded", startedAt: "2026-03-01T10:00:01.000Z", finishedAt: "2026-03-01T10:01:00.000Z" },
    ...{ title: "Sell more", proof, receipt: null },
    release: { commit: "r1", images: [{ app: "shop", name: "shop-api", digest }] },
  });
  expect(made.stages.map(({ stage, detail, outcome }) => `${stage} ${detail} ${outcome}`)).toEqual([
    "plan  succeeded",
    "registry  skipped",
    "build shop-api succeeded",
    "build shop-nginx succeeded",
    "release  succeeded",
    "verify  succeeded",
  ]);
  expect(made.stages[1]).toMatchObject({ startedAt: null, finishedAt: null });
  expect(made.images.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    "shop-api built",
    "shop-nginx built",
    "shop-cache adopted",
  ]);
});

it("tells where a delivery failed, and of stages that GitHub does not list", () => {
  const needs = { plan: done({ build: matrix }), build: { result: "failure" }, release: { result: "skipped" } };
  const made = report(needs, [job("Plan", "success", 1, 2), job("Build shop-api,shop-nginx", "failure", 3, 8)]);
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
  const needs = { teardown: done({ receipt: JSON.stringify(whole) }) };
  const made = report(needs, [job("Teardown", "success", 1, 50)], { kind: "teardown" });
  expect(made.receipt).toEqual({
    ...receipt,
    items: [{ class: "kept", title: "S3 bucket", name: "b", monthlyUsd: 0, why: "It stays." }],
  });
  expect(made).toMatchObject({ kind: "teardown", outcome: "succeeded", images: [], release: null });
});

it("says what the input needs has to be", () => {
  expect(() => parseNeeds('{"plan": "success"}')).toThrow(/^The input needs is not what .* gives: .*plan/s);
  expect(() => parseNeeds("plan")).toThrow("The input needs is not what ${{ toJSON(needs) }} gives: Unexpected token");
});

it("takes a job without outputs, however the runner says so", () => {
  const needs = parseNeeds(
    '{"plan": {"result": "success", "outputs": null}, "registry": {"result": "skipped", "outputs": {"a": "${{ b }}"}}}',
  );
  expect(needs).toEqual({ plan: { result: "success", outputs: {} }, registry: { result: "skipped", outputs: {} } });
});
