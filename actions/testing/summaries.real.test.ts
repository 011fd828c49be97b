import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { marked } from "marked";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureSystemPackages } from "../../scripts/rehearsal/tools/system.ts";
import { failureMarkdown } from "../lib/argocd/failure.ts";
import type { ObserverResult } from "../lib/argocd/observer.ts";
import { buildSummary } from "../build/build.ts";
import type { Markdown } from "../lib/core/markdown.ts";
import type { FailureReason } from "../lib/core/reasons.ts";
import { SlipwayError } from "../lib/core/errors.ts";
import { leaseSummary } from "../lease/watch.ts";
import { StageFailure } from "../lib/lifecycle/down/stage-down.ts";
import { type DeliveryPlan, planSummary } from "../plan/plan.ts";
import { printable } from "../lib/core/printable.ts";
import { proofMarkdown } from "../verify/proof.ts";
import { receiptMarkdown } from "../lib/receipt/markdown.ts";
import type { Receipt } from "../lib/receipt/receipt.ts";
import { type Reported, reportSummary } from "../report/report.ts";
import { releaseSummary } from "../release/release.ts";
import { dryRunMarkdown, teardownMarkdown } from "../teardown/report.ts";
import { applySummary, planSummary as terraformSummary } from "../lib/terraform/report.ts";
import { nastyTexts } from "./nasty-texts.ts";

let browser: Browser;
const pictures = join(import.meta.dirname, "../../.slipway/test/summaries");

beforeAll(async () => {
  const { chromium: executablePath } = await ensureSystemPackages(["chromium"]);
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  await mkdir(pictures, { recursive: true });
});
afterAll(() => browser.close());

/** Every job summary of a delivery, a teardown and a lease, with `nasty` wherever somebody else's text may stand. */
function summariesOf(nasty: string): [name: string, summary: Markdown][] {
  const left = { kind: nasty, name: nasty, why: nasty, next: nasty };
  const counts = { add: 1, change: 2, remove: 3 };
  const change = { address: nasty, action: nasty, milliseconds: 1000 };
  const found = { name: nasty, key: nasty, app: nasty, digest: nasty, size: 1, pushedAt: new Date(0) };
  const plan = {
    environment: nasty,
    build: [found],
    adopt: [found],
    images: [found],
    moving: [nasty],
    period: nasty,
    registry: true,
    infra: false,
  };
  const image = { name: nasty, app: nasty, key: nasty, before: nasty, after: nasty, reason: nasty };
  const states = ["changed", "held", "skipped"] as const;
  const images = states.map((state) => ({ ...image, state }));
  const container = { container: nasty, image: nasty, digest: nasty };
  const pod = { name: nasty, workload: nasty, node: nasty, readySince: nasty, containers: [container] };
  const app = { app: nasty, source: nasty, revision: nasty, syncedAt: nasty, urls: [nasty] };
  const proven = { ...app, images: [{ name: nasty, digest: nasty, keys: [nasty] }], pods: [pod] };
  const proof = { environment: nasty, commit: nasty, provenAt: nasty, run: nasty, apps: [proven] };
  const evidence = { events: [nasty], log: [nasty, nasty] };
  const waiting = { application: undefined, judgement: { state: "waiting", stage: nasty, detail: nasty } };
  const observation = { outcome: "failed", apps: new Map([[nasty, waiting]]) } as unknown as ObserverResult;
  const item = { title: nasty, name: nasty, id: nasty, why: nasty, facts: { [nasty]: nasty }, monthlyUsd: 1 };
  const items = ["billable", "unknown", "free-residual", "kept"].map((kind) => ({ ...item, class: kind }));
  const receipt = { project: nasty, environment: nasty, account: nasty, region: nasty, at: nasty, looks: 1 };
  const stage = { name: nasty, result: "failed" as const, found: [left, left], milliseconds: 1 };
  const record = { environment: nasty, began: nasty, milliseconds: 1, stages: [stage] };
  const lease = { environment: nasty, until: "2026-12-01", ends: "2026-12-02T00:00:00Z", remains: 1, gone: nasty };
  const exceptions = [{ app: nasty, rule: nasty, reason: nasty, faults: 1 }];
  const identity = { branch: nasty, actor: nasty };
  const blank = { identity, environment: nasty, stages: [], images: [], release: null, proof: null, receipt: null };
  const sent = { sent: 0, refused: [{ key: nasty, why: nasty }], refusedBefore: 1, waiting: 1, why: nasty };
  const failed = new SlipwayError(nasty, { next: nasty });
  return [
    ["plan", planSummary({ ...plan, exceptions } as unknown as DeliveryPlan)],
    ["away", planSummary({ ...plan, exceptions, away: { since: nasty, by: nasty } } as unknown as DeliveryPlan)],
    ["terraform plan", terraformSummary(nasty, counts, nasty)],
    ["terraform apply", applySummary(nasty, nasty, counts, 1000, [change, change])],
    ["build", buildSummary([{ name: nasty, key: nasty, result: "built", digest: nasty, size: 1, seconds: 1 }])],
    ["release", releaseSummary({ result: "released", commit: nasty, attempts: 2, images }, nasty)],
    ["proof", proofMarkdown({ ...proof, superseded: [app], skipped: [{ app: nasty, why: nasty }] }, nasty)],
    [
      "failure",
      failureMarkdown({ reason: nasty as FailureReason, lines: [nasty], pod: nasty, evidence }, nasty, observation),
    ],
    ["teardown", teardownMarkdown(record, new StageFailure(nasty, [left], nasty, { next: nasty }))],
    ["teardown failed", teardownMarkdown(record, failed)],
    [
      "dry run",
      dryRunMarkdown({
        environment: nasty,
        stages: [{ ...stage, remaining: [left], doneWhen: nasty, minutes: 1 }],
        refusals: [nasty],
      }),
    ],
    [
      "receipt",
      receiptMarkdown({
        ...receipt,
        items,
        keptMonthlyUsd: 1,
        monthlyUsd: 1,
        seconds: 1,
        clean: false,
      } as unknown as Receipt),
    ],
    [
      "report",
      reportSummary({ report: { ...blank, title: nasty, author: nasty }, sent, notes: [nasty] } as unknown as Reported),
    ],
    ["leases", leaseSummary([{ ...lease, volumes: "keep", state: "running" }])],
  ];
}

const own = "h2 h3 h4 p br strong em table thead tbody tr th td code pre details summary ul li div".split(" ");
const squeezed = (whole: string) => whole.replaceAll("\u200b", "").replace(/\s+/g, " ").trim();
/** GitHub's look, roughly, with every part unfolded. */
const page = (body: string) =>
  `<!doctype html><style>body{font:14px sans-serif;margin:2em}td,th{border:1px solid #ccc;padding:4px;vertical-align:top}table{border-collapse:collapse}pre{background:#eee}</style>${body.replaceAll("<details>", "<details open>")}`;

describe("the job summaries, as a browser shows them", () => {
  it.each(nastyTexts.map((nasty, index) => [index, nasty] as const))("text %i is plain: %j", async (index, nasty) => {
    const summaries = summariesOf(nasty.slice(0, 300));
    const sections = summaries.map(
      ([name, summary]) => `<div id="${name}">${marked.parse(summary, { async: false })}</div>`,
    );
    await using context = await browser.newContext();
    const tab = await context.newPage();
    const requests: string[] = [];
    tab.on("request", (request) => requests.push(request.url()));
    tab.on("dialog", (dialog) => void dialog.dismiss().then(() => requests.push("a dialog")));
    await tab.setContent(page(sections.join("\n")), { waitUntil: "load" });
    expect(requests).toEqual([]);
    const names = await tab
      .locator("body *")
      .evaluateAll((all) => all.map((one) => (one as { localName: string }).localName));
    const foreign = [...new Set(names)].filter((name) => !own.includes(name));
    expect(foreign).toEqual([]);
    // Each summary stands next to the others, whole, and says what it was given.
    for (const [name] of summaries) {
      const section = tab.locator(`body > div[id="${name}"]`);
      expect(await section.count()).toBe(1);
      const seen = squeezed(printable(nasty.slice(0, 60)));
      if (nasty.length < 60) expect(squeezed(await section.innerText())).toContain(seen);
    }
    await tab.screenshot({ path: join(pictures, `${index}.png`), fullPage: true });
  });
});
