import type { Octokit, Repository } from "./client.ts";

/** A job of a workflow run, as GitHub lists it. https://docs.github.com/en/rest/actions/workflow-jobs */
export interface WorkflowJob {
  name: string;
  status: string;
  conclusion: string | null;
  started_at: string | null;
  completed_at: string | null;
  steps?: { name: string; conclusion: string | null }[] | undefined;
}

/** The jobs of one attempt of a run, all pages of them. */
export async function listJobs(
  octokit: Octokit,
  repository: Repository,
  run: number,
  attempt: number,
): Promise<WorkflowJob[]> {
  return octokit.paginate(octokit.rest.actions.listJobsForWorkflowRunAttempt, {
    ...repository,
    run_id: run,
    attempt_number: attempt,
    per_page: 100,
  });
}
