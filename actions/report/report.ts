import type { RunReport, RunIdentity, RunKind } from "../../apps/contract/index.ts";
import { codeBlock, folded, safe, type Markdown, paragraphs, text } from "../lib/core/markdown.ts";
import type { Console } from "../lib/report/console.ts";
import { SlipwayError } from "../lib/core/errors.ts";
import { gitText } from "../lib/git/git.ts";
import type { WorkflowJob } from "../lib/github/jobs.ts";
import type { KeyParts } from "../lib/images/content-key.ts";
import { discoverImages } from "../lib/images/image.ts";
import type { Receipt } from "../lib/receipt/receipt.ts";
import { receiptKey } from "../lib/receipt/saved.ts";
import type { Registry } from "../lib/images/registry.ts";
import { cutReport } from "../lib/report/cut.ts";
import { forgetHanded, handedBy } from "../lib/report/handed.ts";
import { parseResults } from "../lib/report/jobs.ts";
import { makeReport, type ReportedImage } from "../lib/report/make.ts";
import { settledNotes } from "../lib/report/notes.ts";
import { refusedPrefix, type Sent, sendReports } from "../lib/report/outbox.ts";
import type { StateStore } from "../lib/terraform/state/store.ts";

/** What `reportRun` works with. Whatever of it fails, the report is made of the rest, and says what is missing. */
export interface ReportRequest {
  kind: RunKind;
  environment: string;
  /** The checkout's path. */
  repository: string;
  /** How the other jobs ended; see parseResults. */
  results: string;
  /** What is part of the images' keys. */
  keys?: KeyParts;
  identity: RunIdentity;
  jobs: () => Promise<WorkflowJob[]>;
  /** Where reports wait, and what the stages have left. */
  store: StateStore;
  registry: () => Promise<Pick<Registry, "find">>;
  console: Console | undefined;
  /** What is known to be wrong before the report is made. */
  notes?: readonly string[];
  now?: Date;
}

/** A run's report, and how the console took it; `off` where there is none. */
export interface Reported {
  report: RunReport;
  sent: Sent | "off";
  /** What could not be asked, and is missing in the report. */
  notes: string[];
}

/**
 * Makes the report of a run and sends it, with what waits from earlier ones. It needs nothing that may have failed the
 * run: what cannot be read or asked is left out, and named.
 *
 * @throws SlipwayError for an invalid input `results`
 */
export async function reportRun(request: ReportRequest): Promise<Reported> {
  const { kind, environment, repository, identity, console, store } = request;
  const results = parseResults(request.results);
  const now = request.now ?? new Date();
  const { notes, orElse } = settledNotes(request.notes);
  const unknown = { title: "", author: identity.actor, committedAt: now.toISOString() };
  const planned = kind === "delivery" && results["plan"] === "success";
  const [images, jobs, commit, handed, receipt] = await Promise.all([
    planned ? orElse("images", [], imagesOf(request)) : [],
    orElse("jobs and their times", [], request.jobs()),
    orElse("commit", unknown, describeCommit(repository)),
    orElse("release and proof", undefined, handedBy(store, identity.run)),
    kind === "teardown" ? orElse("receipt", undefined, receiptOf(store, environment, identity.run)) : undefined,
  ]);
  const { release, proof } = kind === "delivery" && handed ? handed : {};
  const ended = { release: results["release"] === "success" ? release : undefined, proof: proofIn(results, proof) };
  const report = makeReport({ kind, identity, environment, commit, results, jobs, images, ...ended, receipt, now });
  if (!console) return { report, sent: "off", notes };
  const sent = await sendReports(store, console, report);
  await forgetHanded(store).catch(() => {}); // the next run does it again
  return { report, sent, notes };
}

const proofIn = <P>(results: ReturnType<typeof parseResults>, proof: P) =>
  results["verify"] === "success" ? proof : undefined;

async function imagesOf({ repository, keys, registry }: ReportRequest): Promise<ReportedImage[]> {
  const [images, found] = [await discoverImages(repository, "HEAD", process.env, keys), await registry()];
  const pushed = await found.find(images);
  return images.map(({ name, key }) => ({ name, key, pushedAt: pushed.get(name)?.pushedAt }));
}

/** The receipt that this run has left; none where it came to none, and an earlier run's is there. */
async function receiptOf(store: StateStore, environment: string, run: string): Promise<Receipt | undefined> {
  const stored = await store.read(receiptKey(environment));
  const receipt = stored && (JSON.parse(stored.text) as Receipt & { run?: string });
  return receipt?.run === run ? receipt : undefined;
}

async function describeCommit(repository: string) {
  const text = await gitText(repository, ["log", "-1", "--format=%s%x00%an%x00%ct", "HEAD"]);
  const [title = "", author = "", seconds = ""] = text.split("\0");
  // A commit may bear any number: https://git-scm.com/docs/git-commit#_date_formats
  const time = Math.min(Math.max(Number(seconds) * 1000 || 0, 0), Date.UTC(2999, 0));
  return { title, author, committedAt: new Date(time).toISOString() };
}

/**
 * Whose run this is, as GitHub tells every step.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables
 *
 * @throws SlipwayError naming the first variable that is missing
 */
export function identityFromEnvironment(environment: NodeJS.ProcessEnv = process.env): RunIdentity {
  const of = (name: string) => {
    const value = environment[name];
    if (value) return value;
    throw new SlipwayError(`${name} is not set.`, { next: "GitHub sets it in every workflow: run this there." });
  };
  return {
    repository: of("GITHUB_REPOSITORY"),
    run: of("GITHUB_RUN_ID"),
    attempt: Number(environment.GITHUB_RUN_ATTEMPT ?? 1),
    commit: of("GITHUB_SHA"),
    branch: of("GITHUB_REF_NAME"),
    actor: of("GITHUB_ACTOR"),
  };
}

/** One line that says how the sending went. */
export function describeReport({ sent }: Pick<Reported, "sent">): string {
  if (sent === "off") return "No console is told: the repository has no variable CONSOLE_URL.";
  if (sent.lost !== undefined) return `The console does not have the report. ${sent.lost}`;
  const told = sent.sent === 1 ? "The console has the report." : `The console has ${sent.sent} reports.`;
  const wait = sent.waiting === 1 ? "The report waits" : `${sent.waiting} reports wait`;
  const first = sent.waiting > 0 ? `${wait} for the next run. ${sent.why ?? ""}`.trim() : sent.sent > 0 ? told : "";
  return [first, ...refusals(sent)].filter(Boolean).join(" ");
}

/** What the console has refused, now and before: said by every run until somebody has looked at it. */
function refusals({ refused, refusedBefore }: Sent): string[] {
  const next = `Move it from ${refusedPrefix} back to reports/ in the state bucket to have it sent again, or remove it.`;
  const before = refusedBefore === 1 ? "A report" : `${refusedBefore} reports`;
  return [
    ...refused.map(({ key, why }) => `The console refused a report, which is kept as ${key}: ${why} ${next}`),
    ...(refusedBefore > 0 ? [`${before} of earlier runs that the console refused: look under ${refusedPrefix}.`] : []),
  ];
}

/** What of the report a summary shows: GitHub takes no step's summary above 1 MiB. */
const mostShown = 400_000;

/** The report as Markdown: folded, whole where a summary can hold it, and what is missing in it. */
export function reportSummary(reported: Reported): Markdown {
  const { notes } = reported;
  const json = JSON.stringify(cutReport(reported.report, mostShown), null, 2);
  const cut = (reported.report.cut ?? []).map(({ what, count }) => `${count} of ${what}`).join(", ");
  const lines = [describeReport(reported), cut && `More than a report holds, left out or shortened: ${cut}.`, ...notes];
  const said = lines.map((line) => text(line, 2_000));
  return paragraphs(safe`### Report`, ...said, folded(safe`The report`, codeBlock(json, "json")));
}
