import type { Report, RunIdentity, RunKind } from "../../apps/proyecto06/contract/index.ts";
import { codeBlock, folded, safe, type Markdown, paragraphs, text } from "./core/markdown.ts";
import type { Console } from "./console.ts";
import { SlipwayError } from "./errors.ts";
import { gitText } from "./git.ts";
import type { WorkflowJob } from "./github-jobs.ts";
import { discoverImages } from "./image.ts";
import { parseNeeds } from "./report/jobs.ts";
import { makeReport } from "./report/make.ts";
import { type Sent, sendReports } from "./report/outbox.ts";
import type { StateStore } from "./terraform/state-store.ts";

/** What `reportRun` works with. */
export interface ReportRequest {
  kind: RunKind;
  environment: string;
  /** The checkout's path. */
  repository: string;
  /** The content of `toJSON(needs)`. */
  needs: string;
  identity: RunIdentity;
  jobs: () => Promise<WorkflowJob[]>;
  /** Where reports wait; called only where there is a console. */
  store: () => StateStore;
  console: Console | undefined;
  now?: Date;
}

/** A run's report, and how the console took it; `off` where there is none. */
export interface Reported {
  report: Report;
  sent: Sent | "off";
}

/**
 * Makes the report of a run and sends it, with what waits from earlier ones.
 *
 * @throws SlipwayError when the report cannot be made, or not be kept; never because the console is away
 */
export async function reportRun(request: ReportRequest): Promise<Reported> {
  const { kind, environment, repository, identity, console } = request;
  const needs = parseNeeds(request.needs);
  const [images, jobs, commit] = await Promise.all([
    kind === "delivery" ? discoverImages(repository) : [],
    request.jobs(),
    describeCommit(repository),
  ]);
  const parts = { kind, identity, environment, commit, needs, jobs, images, now: request.now ?? new Date() };
  const report = makeReport(parts);
  return { report, sent: console ? await sendReports(request.store(), console, report) : "off" };
}

async function describeCommit(repository: string) {
  const text = await gitText(repository, ["log", "-1", "--format=%s%x00%an%x00%cI", "HEAD"]);
  const [title = "", author = "", date = ""] = text.split("\0");
  return { title, author, committedAt: new Date(date).toISOString() };
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
export function describeReport({ sent }: Reported): string {
  if (sent === "off") return "No console is told: the repository has no variable CONSOLE_URL.";
  const told = sent.sent === 1 ? "The console has the report." : `The console has ${sent.sent} reports.`;
  if (sent.waiting === 0) return told;
  const wait = sent.waiting === 1 ? "The report waits" : `${sent.waiting} reports wait`;
  return `${wait} for the next run. ${sent.why ?? ""}`.trim();
}

/** The report as Markdown: folded, and whole. */
export function reportSummary(reported: Reported): Markdown {
  const json = JSON.stringify(reported.report, null, 2);
  const whole = folded(safe`The report`, codeBlock(json, "json"));
  return paragraphs(safe`### Report`, text(describeReport(reported)), whole);
}
