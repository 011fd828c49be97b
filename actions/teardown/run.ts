import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../lib/core/errors.ts";
import { scopeOf } from "../lib/inventory/inventory.ts";
import { staysWhy } from "../lib/lifecycle/down/registry.ts";
import type { DownRecord } from "../lib/lifecycle/down/stage-down.ts";
import { keptVolumes } from "../lib/lifecycle/down/volumes.ts";
import { type KeepPolicy, makeReceipt, type Receipt } from "../lib/receipt/receipt.ts";
import { receiptMarkdown, verdict } from "../lib/receipt/markdown.ts";
import { receiptKey } from "../lib/receipt/saved.ts";
import type { Scope } from "../lib/resources/scope.ts";
import { planSweep, sweep } from "./sweep.ts";
import { dryRun, openTeardown, teardown, type TeardownRequest } from "./teardown.ts";
import { dryRunLines, dryRunMarkdown, teardownMarkdown, type TeardownRecord } from "./report.ts";
import { openStateStore, type StateStore } from "../lib/terraform/state/store.ts";

/** A teardown from the guards to the receipt. */
export interface TeardownRun extends TeardownRequest {
  dryRun: boolean;
  /** Milliseconds over which nothing may come back. */
  settle: number;
  /** The folder that the receipt is written into. */
  receiptFolder: string;
}

/** How it ended. */
export type TeardownOutcome =
  | { result: "dry-run" }
  /** @property file the path of the receipt as JSON */
  | { result: "gone"; receipt: TeardownReceipt; file: string };

/**
 * Takes an environment away and proves it, or says what would go.
 *
 * @throws SlipwayError as `teardown` does, or with reason `not-clean` when something billable or unknown is left
 */
export async function destroyEnvironment(run: TeardownRun): Promise<TeardownOutcome> {
  const { environment, report } = run;
  if (run.dryRun) {
    const found = await dryRun(run);
    for (const line of dryRunLines(found)) report.line(line);
    await report.summary(dryRunMarkdown(found));
    return { result: "dry-run" };
  }
  const record: TeardownRecord = { environment, began: new Date().toISOString(), milliseconds: 0, stages: [] };
  try {
    await teardown(run, record);
  } catch (error) {
    await report.summary(teardownMarkdown(record, error));
    throw error;
  }
  await report.summary(teardownMarkdown(record));
  return prove(run, record);
}

/** A receipt as a teardown leaves it: with how each stage went, and the workflow run that it is of. */
export type TeardownReceipt = Receipt & { stages: DownRecord[]; run?: string };

async function prove(run: TeardownRun, { stages }: TeardownRecord): Promise<TeardownOutcome> {
  const { environment, config, credentials, report, receiptFolder } = run;
  const scope = scopeOf(config, environment, credentials);
  const store = openStateStore({ ...scope, credentials });
  const receipt: TeardownReceipt = {
    ...(await report.phase("Receipt", () => finalReceipt(run, scope, store))),
    stages,
    ...(process.env.GITHUB_RUN_ID ? { run: process.env.GITHUB_RUN_ID } : {}),
  };
  const text = `${JSON.stringify(receipt, null, 2)}\n`;
  const file = join(receiptFolder, `slipway-receipt-${environment}.json`);
  await writeFile(file, text);
  await store.write(receiptKey(environment), text);
  await report.summary(receiptMarkdown(receipt));
  if (!receipt.clean)
    throw new SlipwayError(`${verdict(receipt)} The receipt lists it.`, {
      next: `Run this again, or ./slipway sweep ${environment}.`,
      reason: "not-clean",
    });
  return { result: "gone", receipt, file };
}

/** Milliseconds that something unknown, such as a throttled look, is given to become known. */
const leastPatience = 20_000;

/** So often what comes back, such as a log group that EKS writes once more, is swept. */
const rounds = 3;

/** Sweeps what the stages did not know of, and looks until nothing has come back for a while. */
async function finalReceipt(run: TeardownRun, scope: Scope, store: StateStore): Promise<Receipt> {
  const { report, settle } = run;
  const keep = await keepOf(run);
  for (let round = 0; ; round += 1) {
    const receipt = await makeReceipt({
      scope,
      store,
      keep,
      settle: round === 0 ? 0 : settle,
      deadline: Math.max(3 * settle, leastPatience),
      onLook: (look) => report.line(verdict(look)),
    });
    const { remove } = await planSweep(scope, store, receipt);
    // The first look only sweeps: it says nothing of what may come back.
    if ((round > 0 && remove.length === 0) || round === rounds) return receipt;
    await sweep({
      scope,
      store,
      receipt,
      remove,
      onSwept: (swept) =>
        report.line(
          `${swept.item.title} ${swept.item.name} was left over: ${swept.gone ? "it is gone now" : swept.why}.`,
        ),
    });
  }
}

/** What may be left, because somebody asked for it or somebody else needs it. */
async function keepOf(run: TeardownRun): Promise<KeepPolicy> {
  const images = await staysWhy(openTeardown(run, new AbortController().signal));
  return { ...(images !== undefined && { repository: images }), ...keptVolumes(run.volumes) };
}
