import type { RunOutcome, RunStage, StageName } from "../../../apps/contract/index.ts";
import type { WorkflowJob } from "../github/jobs.ts";
import { SlipwayError } from "../core/errors.ts";

const results = ["success", "failure", "cancelled", "skipped"] as const;

/** How the jobs before this one ended, by their ids. */
export type Results = Partial<Record<string, (typeof results)[number]>>;

/**
 * Reads the input `results`: a line each with a job's id and its result. One that has none, as in a run that was
 * cancelled early, was skipped.
 *
 * @throws SlipwayError when it is something else
 */
export function parseResults(text: string): Results {
  const lines = text.split("\n").map((line) => line.trim());
  return Object.fromEntries(
    lines.filter(Boolean).map((line) => {
      const [, job = "", word = ""] = /^([\w-]+):(?:\s+(\S+))?$/.exec(line) ?? [];
      const result = results.find((each) => each === (word || "skipped"));
      if (job && result) return [job, result];
      throw new SlipwayError(`The input results has the line ${JSON.stringify(line.slice(0, 200))}.`, {
        next: "Write a line for each job, such as: plan: ${{ needs.plan.result }}",
      });
    }),
  );
}

/** The stages by the names of their jobs in deliver.yml and destroy.yml. */
const stageNames: readonly StageName[] = ["plan", "registry", "infra", "build", "release", "verify", "teardown"];

const conclusions: Record<string, RunOutcome> = {
  success: "succeeded",
  failure: "failed",
  timed_out: "failed",
  startup_failure: "failed",
  cancelled: "cancelled",
  skipped: "skipped",
};

/**
 * The stages of a run: those that GitHub lists as jobs, with their times, and those that were skipped.
 *
 * @param jobs as GitHub's API lists them
 * @param ended as the workflow itself knows them: some runners do not list a job that was skipped
 */
export function stagesOf(jobs: readonly WorkflowJob[], ended: Results): RunStage[] {
  const listed = jobs.flatMap((job) => stageOf(job) ?? []);
  const names = new Set(listed.map(({ stage }) => stage));
  const others = stageNames.filter((name) => ended[name] && !names.has(name));
  const unseen = others.map((stage): RunStage => ({
    stage,
    ...blank,
    outcome: conclusions[ended[stage] ?? ""] ?? "skipped",
  }));
  const order = ({ stage, detail }: RunStage) => `${stageNames.indexOf(stage)} ${detail}`;
  return [...listed, ...unseen].sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

const blank = { detail: "", startedAt: null, finishedAt: null, failure: null } as const;

function stageOf(job: WorkflowJob): RunStage | undefined {
  const [first = "", ...rest] = job.name.split(" ");
  const stage = stageNames.find((name) => name === first.toLowerCase());
  if (!stage) return undefined;
  const outcome = outcomeOf(job);
  const step = job.steps?.find(({ conclusion }) => conclusion === "failure")?.name;
  // A matrix that was skipped shows its name with the expression in it.
  const detail = rest.join(" ").startsWith("$") ? "" : rest.join(" ");
  const ran = outcome !== "skipped" && outcome !== "waiting";
  return {
    stage,
    detail,
    outcome,
    startedAt: ran ? instant(job.started_at) : null,
    finishedAt: ran ? instant(job.completed_at) : null,
    failure: outcome === "failed" && step ? `The step "${step}" failed.` : null,
  };
}

function outcomeOf({ status, conclusion }: WorkflowJob): RunOutcome {
  if (status !== "completed") return status === "in_progress" ? "running" : "waiting";
  return conclusions[conclusion ?? ""] ?? "failed";
}

const instant = (text: string | null | undefined) => (text ? new Date(text).toISOString() : null);

/** How a run as a whole ended. */
export function outcomeOfRun(ended: Results): RunOutcome {
  const all = new Set(Object.values(ended));
  if (all.has("failure")) return "failed";
  return all.has("cancelled") ? "cancelled" : "succeeded";
}
