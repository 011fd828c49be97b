import { createHash } from "node:crypto";
import { inTransaction } from "@slipway/kit";
import type { RunOutcome, RunReport, ReportReceived, RunIdentity, StageReport } from "@slipway/contract";
import type { Pool, PoolClient } from "pg";
import { idOf } from "../deliveries/row.ts";
import { announce } from "../events/repository.ts";
import { hasEnded, replaces } from "./decision.ts";
import { refreshAfter, type RunFacts } from "./derived.ts";
import { statements } from "./statements.ts";

/** Reports take turns, so that what is derived from several runs is exact, and events get their ids in order. */
const lockKey = 7_141_835;

interface KnownRow extends RunFacts {
  outcome: RunOutcome;
  report_hash: Buffer | null;
}

/** What the pipeline tells, written down. A report is received when its transaction is committed, and not before. */
export class Reports {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /**
   * Writes down a whole run; the same report again, or an older one, changes nothing.
   *
   * @param mayReplace whether it may also change what a whole report has said before: only a run itself may
   */
  receive(identity: RunIdentity, report: RunReport, { mayReplace }: { mayReplace: boolean }): Promise<ReportReceived> {
    const id = idOf(identity);
    const body = { ...report, identity };
    const hash = createHash("sha256").update(JSON.stringify(body)).digest();
    return this.#inTurn(async (client) => {
      const known = await knownRun(client, identity);
      const decided = known && { outcome: known.outcome, finishedAt: known.finished_at, hash: known.report_hash };
      if (known?.report_hash && !mayReplace) return { id, changed: false };
      if (!replaces(decided, report, hash)) return { id, changed: false };
      await writeRun(client, identity, report, hash);
      await refreshAfter(client, identity, known);
      await announce(client, identity);
      return { id, changed: true };
    });
  }

  /** Writes down that a stage started or ended; the run is made known by it when it was not. */
  receiveStage(identity: RunIdentity, { kind, environment, stage }: StageReport): Promise<ReportReceived> {
    const id = idOf(identity);
    return this.#inTurn(async (client) => {
      const known = await knownRun(client, identity);
      if (known && hasEnded(known.outcome)) return { id, changed: false };
      const run = [identity.run, identity.attempt];
      if (!known) {
        const { repository, commit, branch, actor } = identity;
        const startedAt = stage.startedAt ?? new Date().toISOString();
        await client.query(statements.environment, [environment]);
        await client.query(statements.openRun, [
          ...run,
          repository,
          commit,
          branch,
          actor,
          kind,
          environment,
          startedAt,
        ]);
      }
      const { rowCount } = await client.query(statements.stage, [
        ...run,
        stage.stage,
        stage.detail,
        stage.outcome,
        stage.startedAt,
        stage.finishedAt,
        stage.failure,
      ]);
      if (rowCount === 0) return { id, changed: false };
      await client.query(statements.currentStage, run);
      await announce(client, identity);
      return { id, changed: true };
    });
  }

  #inTurn<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    return inTransaction(this.#pool, async (client) => {
      await client.query("SELECT pg_advisory_xact_lock($1)", [lockKey]);
      return work(client);
    });
  }
}

async function knownRun(client: PoolClient, { run, attempt }: RunIdentity): Promise<KnownRow | undefined> {
  const { rows } = await client.query<KnownRow>(statements.known, [run, attempt]);
  return rows[0];
}

async function writeRun(client: PoolClient, identity: RunIdentity, report: RunReport, hash: Buffer): Promise<void> {
  const { stages, images, release, proof, receipt } = report;
  const run = [identity.run, identity.attempt];
  const made = (outcome: string) => images.filter((image) => image.outcome === outcome).length;
  await client.query(statements.environment, [report.environment]);
  await client.query(statements.run, [
    ...run,
    identity.repository,
    identity.commit,
    identity.branch,
    identity.actor,
    report.kind,
    report.environment,
    report.title,
    report.author,
    report.outcome,
    report.committedAt,
    report.startedAt,
    report.finishedAt,
    made("built"),
    made("adopted"),
    made("failed"),
    proof?.provenAt ?? null,
    release && release.images.length > 0 ? release.at : null,
    hash,
  ]);
  for (const clear of statements.clear) await client.query(clear, run);
  if (stages.length > 0) await client.query(statements.stages, [...run, JSON.stringify(stages)]);
  if (images.length > 0) await client.query(statements.images, [...run, JSON.stringify(images)]);
  if (release)
    await client.query(statements.release, [...run, release.commit, release.at, JSON.stringify(release.images)]);
  if (proof) {
    await client.query(statements.proof, [...run, JSON.stringify(proof)]);
    await client.query(statements.provenApps, run);
  }
  if (receipt) await client.query(statements.receipt, [...run, report.environment, JSON.stringify(receipt)]);
  await client.query(statements.currentStage, run);
}
