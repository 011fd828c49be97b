import { expect, it } from "vitest";
import { reportSchema, stageReportSchema } from "../../../apps/contract/reports.ts";
import type { Proof, ReportedReceipt, RunReport, RunStage } from "../../../apps/contract/index.ts";
import { limits } from "../../../apps/contract/limits.ts";
import { cutReport, cutStage } from "./cut.ts";

const digest = `sha256:${"a".repeat(64)}`;
const commit = "c".repeat(40);
const at = "2026-03-01T10:00:00.000Z";
const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const stage: RunStage = {
  stage: "build",
  detail: "",
  outcome: "succeeded",
  startedAt: at,
  finishedAt: at,
  failure: null,
};

function report(changes: Partial<RunReport> = {}): RunReport {
  return {
    version: 1,
    identity: { repository: "o/r", run: "7", attempt: 1, commit, branch: "main", actor: "a" },
    kind: "delivery",
    environment: "dev",
    title: "Sell more",
    author: "A",
    committedAt: at,
    startedAt: at,
    finishedAt: at,
    outcome: "succeeded",
    stages: [stage],
    images: [],
    release: null,
    proof: null,
    receipt: null,
    ...changes,
  };
}

/** A proof of `images` in `apps` apps, with a pod for each image. */
function proof(images: number, apps = 1, word = ""): Proof {
  const part = (app: number) => many(Math.ceil(images / apps), (index) => `${word}app-${app}-image-${index}`);
  return {
    environment: "dev",
    commit,
    provenAt: at,
    run: null,
    superseded: [],
    skipped: [],
    apps: many(apps, (app) => ({
      app: `${word}app-${app}`,
      source: commit,
      revision: commit,
      syncedAt: at,
      urls: [],
      images: part(app).map((name) => ({ name, digest, keys: ["k".repeat(64)] })),
      pods: part(app).map((name) => ({
        name: `${name}-5d8f7c9b6d-x2x4z`,
        workload: `Deployment ${name}`,
        node: "ip-10-0-0-1.ec2.internal",
        readySince: at,
        containers: [{ container: "main", image: name, digest }],
      })),
    })),
  };
}

function receipt(items: number, name = "item"): ReportedReceipt {
  return {
    at,
    clean: false,
    seconds: 5,
    looks: 2,
    monthlyUsd: 1,
    keptMonthlyUsd: 0,
    items: many(items, (index) => ({
      class: index % 10 === 9 ? "billable" : "kept",
      title: "EBS volume",
      name: `${name}-${index}`,
      monthlyUsd: 0.5,
      why: "It stays.",
    })),
  };
}

it("leaves a report alone that the console takes", () => {
  const usual = report({ proof: proof(20, 2), receipt: receipt(30), images: [image(1)] });
  expect(cutReport(usual)).toEqual(usual);
});

function image(index: number) {
  return { name: `app-image-${index}`, contentKey: "k".repeat(64), outcome: "adopted" } as const;
}

it("keeps all of a repository of 2,000 images", () => {
  const names = many(2_000, (index) => `app-${index % 40}-image-${index}`);
  const whole = report({
    stages: many(250, (index) => ({ ...stage, detail: names.slice(index * 8, index * 8 + 8).join(",") })),
    images: many(2_000, image),
    release: { commit, at, images: names.map((name) => ({ app: "app", name, digest })) },
    proof: proof(2_000, 40),
  });
  const cut = cutReport(whole);
  expect(cut.cut ?? []).toEqual([]);
  expect(reportSchema.parse(cut)).toEqual(whole);
});

it("says what it had more of, and keeps what matters most", () => {
  const failed = { ...stage, detail: "last", outcome: "failed" } as const;
  const cut = cutReport(
    report({
      title: "t".repeat(3_000),
      stages: [...many(700, (index) => ({ ...stage, detail: String(index) })), failed],
      images: [...many(6_000, image), { ...image(6_000), outcome: "failed" }],
      receipt: receipt(8_000),
    }),
  );
  expect(cut.cut).toEqual([
    { what: "title", count: 1 },
    { what: "stages", count: 201 },
    { what: "images", count: 1_001 },
    { what: "receipt.items", count: 3_000 },
  ]);
  expect(cut.stages.at(-1)).toEqual(failed);
  expect(cut.images.at(-1)).toMatchObject({ outcome: "failed" });
  expect(cut.receipt?.items.filter((item) => item.class === "billable")).toHaveLength(800);
  expect(reportSchema.parse(cut)).toEqual(cut);
});

it("tells two things apart whose names differ only where they are cut", () => {
  const name = (end: string) => `${"n".repeat(300)}${end}`;
  const detailed = ["a", "b", "b"].map((end) => ({ ...stage, detail: name(end) }));
  const cut = cutReport(
    report({ stages: detailed, images: ["a", "b"].map((end) => ({ ...image(0), name: name(end) })) }),
  );
  // The third is the second once more, as a job that is listed twice.
  expect(new Set(cut.stages.map(({ detail }) => detail)).size).toBe(2);
  expect(cut.stages).toHaveLength(2);
  expect(new Set(cut.images.map((each) => each.name)).size).toBe(2);
  // And what was told while the stage ran is the same stage.
  const told = cutStage({ version: 1, kind: "delivery", environment: "dev", stage: detailed[0] ?? stage });
  expect(told.stage.detail).toBe(cut.stages[0]?.detail);
});

it("drops pods before anything else where all of it is too large", () => {
  const cut = cutReport(report({ proof: proof(5_000, 1, "w".repeat(200)) }));
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(limits.bytes);
  expect(cut.proof?.apps[0]?.images).toHaveLength(5_000);
  expect(cut.cut?.map(({ what }) => what)).toEqual(["proof.apps.pods"]);
});

/** Numbers that look random and are the same each time: https://en.wikipedia.org/wiki/Linear_congruential_generator */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it.each(many(20, (index) => index + 1))("makes a report that the console takes of whatever there is (%i)", (seed) => {
  const below = chance(seed);
  const pieces = ["a", "\0", "\ud800", "😀", "é", "\n", '"', "\\", "/", " ", "`", "##[error]", "\u202e"];
  const piece = () => pieces[below(pieces.length)] ?? "";
  const text = () => piece().repeat([0, 1, 5, 300, 3_000, 30_000][below(6)] ?? 0);
  const count = () => [0, 1, 3, 60, 400][below(5)] ?? 0;
  const time = () => [at, "0001-01-01T00:00:00Z", "nonsense", "+275760-09-13T00:00:00.000Z"][below(4)] ?? at;
  const one = () => piece().repeat([0, 1, 30, 400][below(4)] ?? 0);
  const outcome = (["succeeded", "failed", "cancelled", "skipped"] as const)[below(4)] ?? "failed";
  const wild = report({
    identity: { repository: "o/r", run: "7", attempt: 1, commit, branch: text(), actor: text() },
    environment: text(),
    title: text(),
    author: text(),
    outcome,
    committedAt: time(),
    startedAt: time(),
    finishedAt: below(2) ? null : time(),
    stages: many(count(), () => ({ ...stage, detail: one(), startedAt: time(), finishedAt: time(), failure: one() })),
    images: many(below(2) * 6_000, (index) => ({
      name: `${one()}${index % 50}`,
      contentKey: one(),
      outcome: "built" as const,
    })),
    release: { commit, at: time(), images: many(count(), () => ({ app: one(), name: one(), digest })) },
    proof: { ...proof(count(), 1 + below(3), one()), environment: text(), provenAt: time(), run: text() },
    receipt: { ...receipt(count(), one()), at: time(), seconds: -1, monthlyUsd: NaN, keptMonthlyUsd: Infinity },
  });
  wild.proof?.superseded.push(...many(count(), () => ({ app: one(), revision: one() })));
  wild.proof?.skipped.push(...many(count(), () => ({ app: one(), why: one() })));
  for (const app of wild.proof?.apps ?? []) app.urls.push(...many(count(), () => one()));
  const cut = cutReport(wild);
  const { success, error } = reportSchema.safeParse(cut);
  expect(error?.issues.slice(0, 3)).toBeUndefined();
  expect(success).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(cut))).toBeLessThanOrEqual(limits.bytes);
  const told = {
    version: 1,
    kind: "delivery",
    environment: text(),
    stage: { ...stage, detail: text(), failure: text() },
  } as const;
  expect(stageReportSchema.safeParse(cutStage(told)).error?.issues).toBeUndefined();
  // And for a summary it is smaller still.
  expect(Buffer.byteLength(JSON.stringify(cutReport(wild, 50_000)))).toBeLessThanOrEqual(50_000);
});
