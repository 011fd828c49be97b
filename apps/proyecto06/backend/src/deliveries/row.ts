import type { DeliverySummary, RunOutcome, RunKind, StageName } from "@slipway/contract";

/** The columns of a summary, from `runs`. */
export const summaryColumns = `run, attempt, repository, commit, branch, actor, kind, environment, title, author, outcome,
  committed_at, started_at, finished_at, proven_at, built, adopted, failed, stage`;

/** A row of these columns. PostgreSQL's bigint arrives as text. */
export interface SummaryRow {
  run: string;
  attempt: number;
  repository: string;
  commit: string;
  branch: string;
  actor: string;
  kind: RunKind;
  environment: string;
  title: string;
  author: string;
  outcome: RunOutcome;
  committed_at: Date | null;
  started_at: Date;
  finished_at: Date | null;
  proven_at: Date | null;
  built: number;
  adopted: number;
  failed: number;
  stage: StageName | null;
}

/** The id of a run and attempt. */
export const idOf = ({ run, attempt }: { run: string; attempt: number }) => `${run}-${attempt}`;

/** The run and attempt of an id. */
export function runOf(id: string): [run: string, attempt: string] {
  const [run = "", attempt = ""] = id.split("-");
  return [run, attempt];
}

/** A row as the wire has it. */
export function summaryOf(row: SummaryRow): DeliverySummary {
  const { run, attempt, repository, commit, branch, actor } = row;
  return {
    id: idOf(row),
    identity: { repository, run, attempt, commit, branch, actor },
    kind: row.kind,
    environment: row.environment,
    title: row.title,
    author: row.author,
    outcome: row.outcome,
    committedAt: iso(row.committed_at),
    startedAt: row.started_at.toISOString(),
    finishedAt: iso(row.finished_at),
    provenAt: iso(row.proven_at),
    built: row.built,
    adopted: row.adopted,
    failed: row.failed,
    stage: row.stage,
  };
}

/** An instant as the wire has it, also when PostgreSQL's JSON writes it in its own way. */
export function iso(instant: Date | string | null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}
