import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { type KeepPolicy, makeReceipt, type Receipt } from "../../actions/lib/receipt/receipt.ts";
import { formatUsd, sumLine } from "../../actions/lib/receipt/markdown.ts";
import { planSweep, sweep, type SweepPlan, type Swept } from "../../actions/teardown/sweep.ts";
import { printable } from "../../actions/lib/core/printable.ts";
import { receiptOf } from "./receipt.ts";
import type { EnvironmentTarget } from "./target.ts";
import { textTable } from "../terminal/text-table.ts";

/** How a sweep is asked for. */
export interface SweepOptions {
  keep: KeepPolicy;
  /** Shows what would go, and removes nothing. */
  dryRun: boolean;
  /** Gives the name that the person typed. @param plan what they are shown before */
  confirm: (plan: string) => Promise<string>;
  log: (line: string) => void;
  signal?: AbortSignal;
}

/** How a sweep ended. */
export interface SweepOutcome {
  plan: SweepPlan;
  /** Empty where nothing was removed. */
  swept: Swept[];
  /** As it is now. */
  receipt: Receipt;
}

/**
 * Removes what is left over of an environment.
 *
 * @throws SlipwayError when the environment is not a leftover, or another name was typed
 */
export async function sweepEnvironment(target: EnvironmentTarget, options: SweepOptions): Promise<SweepOutcome> {
  const { keep, dryRun, confirm, log, signal } = options;
  const { scope, store, receipt: before } = await receiptOf(target, keep);
  const plan = await planSweep(scope, store, before);
  const shown = describePlan(plan);
  if (dryRun || plan.remove.length === 0) {
    log(shown);
    return { plan, swept: [], receipt: before };
  }
  const typed = await confirm(shown);
  if (typed !== target.environment)
    throw new SlipwayError(`"${typed}" is not "${target.environment}": nothing was removed.`, {
      next: "Run this again and type the environment's name.",
    });
  const swept = await sweep({
    scope,
    store,
    receipt: before,
    remove: plan.remove,
    onSwept: (each) => log(describeSwept(each)),
    ...(signal ? { signal } : {}),
  });
  return { plan, swept, receipt: await makeReceipt({ scope, store, keep }) };
}

function describePlan({ remove, leave }: SweepPlan): string {
  const price = (item: SweepPlan["remove"][number]) => (item.class === "billable" ? item.monthlyUsd : 0);
  const total = remove.reduce((sum, item) => sum + (price(item) ?? 0), 0);
  const rows = remove.map((item) => [item.title, item.name, formatUsd(price(item))]);
  const left = leave.map(({ item, why }) => [item.title, item.name, why]);
  const parts = [
    ...(rows.length > 0
      ? [
          textTable(["Would go", "Name", "USD/month"], rows),
          sumLine(
            remove.map((item) => ({ monthlyUsd: price(item) })),
            total,
          ),
        ]
      : ["There is nothing to remove."]),
    ...(left.length > 0 ? [textTable(["Stays", "Name", "Why"], left)] : []),
  ];
  return printable(parts.join("\n\n"));
}

function describeSwept(swept: Swept): string {
  const { title, name } = swept.item;
  return printable(swept.gone ? `✓ ${title} ${name} is gone` : `✗ ${title} ${name} is still there: ${swept.why}`);
}
