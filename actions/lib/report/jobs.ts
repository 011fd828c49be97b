import { z } from "zod";
import type { Outcome, Stage, StageName } from "../../../apps/proyecto06/contract/index.ts";
import type { WorkflowJob } from "../github-jobs.ts";
import { messageOf, SlipwayError } from "../errors.ts";

const needsSchema = z.record(
  z.string(),
  z
    .object({
      result: z.enum(["success", "failure", "cancelled", "skipped"]),
      // Some runners give null for a job that has none.
      outputs: z
        .record(z.string(), z.string())
        .nullish()
        .transform((outputs) => outputs ?? {}),
    })
    // And some the expressions themselves, for one that was skipped.
    .transform(({ result, outputs }) => ({ result, outputs: result === "skipped" ? {} : outputs })),
);

/** How the jobs before this one ended, and what they gave: the content of `toJSON(needs)`. */
export type Needs = z.output<typeof needsSchema>;

/** Reads the input `needs`. @throws SlipwayError when it is something else */
export function parseNeeds(text: string): Needs {
  try {
    return needsSchema.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : messageOf(cause);
    throw new SlipwayError(`The input needs is not what \${{ toJSON(needs) }} gives: ${why}.`, {
      next: "Write: needs: ${{ toJSON(needs) }}",
      cause,
    });
  }
}

/** The stages by the names of their jobs in deliver.yml and destroy.yml. */
const stageNames: readonly StageName[] = ["plan", "registry", "infra", "build", "release", "verify", "teardown"];

const conclusions: Record<string, Outcome> = {
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
 * @param needs as the workflow itself knows them: some runners do not list a job that was skipped
 */
export function stagesOf(jobs: readonly WorkflowJob[], needs: Needs): Stage[] {
  const listed = jobs.flatMap((job) => stageOf(job) ?? []);
  const names = new Set(listed.map(({ stage }) => stage));
  const others = stageNames.filter((name) => needs[name] && !names.has(name));
  const unseen = others.map((stage): Stage => ({
    stage,
    ...blank,
    outcome: conclusions[needs[stage]?.result ?? ""] ?? "skipped",
  }));
  const order = ({ stage, detail }: Stage) => `${stageNames.indexOf(stage)} ${detail}`;
  return [...listed, ...unseen].sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

const blank = { detail: "", startedAt: null, finishedAt: null, failure: null } as const;

function stageOf(job: WorkflowJob): Stage | undefined {
  const [first = "", ...rest] = job.name.split(" ");
  const stage = stageNames.find((name) => name === first.toLowerCase());
  if (!stage) return undefined;
  const outcome = outcomeOf(job);
  const step = job.steps?.find(({ conclusion }) => conclusion === "failure")?.name;
  // A matrix that was skipped shows its name with the expression in it.
  const detail = rest.join(" ").startsWith("$") ? "" : rest.join(" ");
  const ran = outcome !== "skipped" && outcome !== "waiting";
  return {
    ...{ stage, detail, outcome },
    startedAt: ran ? instant(job.started_at) : null,
    finishedAt: ran ? instant(job.completed_at) : null,
    failure: outcome === "failed" && step ? `The step "${step}" failed.` : null,
  };
}

function outcomeOf({ status, conclusion }: WorkflowJob): Outcome {
  if (status !== "completed") return status === "in_progress" ? "running" : "waiting";
  return conclusions[conclusion ?? ""] ?? "failed";
}

const instant = (text: string | null | undefined) => (text ? new Date(text).toISOString() : null);

/** How a run as a whole ended. */
export function outcomeOfRun(needs: Needs): Outcome {
  const results = new Set(Object.values(needs).map(({ result }) => result));
  if (results.has("failure")) return "failed";
  return results.has("cancelled") ? "cancelled" : "succeeded";
}
