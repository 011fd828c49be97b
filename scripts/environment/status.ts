import { refuseOtherAccount } from "../../actions/lib/aws/credentials.ts";
import { describeEnd, describeRemains, describeSpan, type Lease, leasesOf } from "../../actions/lib/lifecycle/lease.ts";
import { openEnvironment } from "../../actions/lib/lifecycle/environment.ts";
import type { StagePart } from "../../actions/lib/lifecycle/stage.ts";
import { observeAll, type ObservedStage } from "../../actions/lib/lifecycle/stages.ts";
import { printable } from "../../actions/lib/core/printable.ts";
import {
  type Cost,
  costOf,
  type CostToDate,
  costToDate,
  describePrices,
  hoursPerMonth,
} from "../../actions/lib/prices/prices.ts";
import type { EnvironmentTarget } from "./target.ts";
import { textTable } from "../terminal/text-table.ts";

/** What an environment is at one moment. */
export interface EnvironmentStatus {
  environment: string;
  project: string;
  account: string;
  region: string;
  /** Whether it is that of the rehearsal that is up. */
  rehearsal: boolean;
  /** When it was looked at, ISO 8601. */
  at: string;
  stages: ObservedStage[];
  /** What of it is billed by the hour. */
  cost: Cost;
  /** About how much it has cost since it was made; absent where nothing is seen that tells since when. */
  costToDate?: CostToDate | undefined;
  /** When it ends by itself; absent where it has no lease. */
  lease?: Lease | undefined;
}

/** Looks at an environment. @throws SlipwayError when the credentials are none, or another account's */
export async function readStatus(target: EnvironmentTarget): Promise<EnvironmentStatus> {
  const { config, environment, rehearsal } = target;
  const { account, region } = config.aws;
  await refuseOtherAccount(config.aws, target.credentials);
  const stages = await observeAll(openEnvironment({ ...target, name: environment }));
  const parts = partsOf(stages);
  const now = new Date();
  const cost = costOf(
    parts.flatMap((part) => part.billables ?? []),
    region,
  );
  return {
    environment,
    project: config.project,
    account,
    region,
    rehearsal,
    at: now.toISOString(),
    stages,
    cost,
    costToDate: costToDate(
      cost,
      parts.flatMap((part) => part.since ?? []),
      now,
    ),
    lease: leasesOf(config, now).find((each) => each.environment === environment),
  };
}

function partsOf(stages: readonly ObservedStage[]): StagePart[] {
  return stages.flatMap((stage) => (stage.state === "absent" ? [] : stage.parts));
}

/** A status for a terminal. */
export function describeStatus(status: EnvironmentStatus): string {
  const { environment, project, account, region, stages } = status;
  const whose = status.rehearsal ? " of the rehearsal that is up" : "";
  const troubles = stages.flatMap((stage) => ("why" in stage ? [`${stage.name} is ${stage.state}: ${stage.why}`] : []));
  const text = [
    `${environment}${whose}: ${project}, AWS account ${account}, ${region}`,
    textTable(["Stage", "State", "What", ""], stages.flatMap(rowsOf)),
    ...(troubles.length > 0 ? [troubles.join("\n")] : []),
    describeCost(status),
    ...describeTime(status),
  ].join("\n\n");
  return printable(text);
}

function rowsOf(stage: ObservedStage): string[][] {
  const parts = stage.state === "absent" ? [] : stage.parts;
  const [first = ["", ""], ...others] = parts.map(({ name, facts }) => [name, describeFacts(facts)]);
  return [[stage.name, stage.state, ...first], ...others.map((row) => ["", "", ...row])];
}

/** `is` says what a thing is, in words of its own. */
function describeFacts(facts: StagePart["facts"]): string {
  return Object.entries(facts)
    .map(([name, value]) => (name === "is" ? String(value) : `${name} ${String(value)}`))
    .join(", ");
}

/** Since when an environment is there, and until when. */
function describeTime({ at, cost, costToDate: spent, lease }: EnvironmentStatus): string[] {
  const lines: string[] = [];
  if (spent) {
    const minute = spent.since.slice(0, 16).replace("T", " ");
    const span = describeSpan(Date.parse(at) - Date.parse(spent.since));
    const sum = `about ${spent.usd.toFixed(2)} USD so far: an estimate, at the present rate for all of that time`;
    lines.push(`There since ${minute} UTC, ${span}${cost.perHour > 0 ? `; ${sum}` : ""}.`);
  }
  if (lease) lines.push(`Lease until ${describeEnd(lease.until)}: ${describeRemains(lease.remains)}.`);
  return lines.length > 0 ? [lines.join("\n")] : [];
}

function describeCost({ cost: { lines, perHour, unknown }, region }: EnvironmentStatus): string {
  const number = (quantity: number) => (Number.isInteger(quantity) ? String(quantity) : quantity.toFixed(2));
  const rows = lines.map((line) => [line.what, number(line.quantity), line.perHour?.toFixed(4) ?? "?"]);
  if (rows.length === 0) return "Nothing is seen that costs.";
  const month = (perHour * hoursPerMonth).toFixed(0);
  const sum = ["together", "", perHour.toFixed(4), `about ${month} a month`];
  return [
    textTable(["Costs", "Count", "USD/hour", ""], [...rows, sum]),
    describePrices(region),
    ...(unknown.length > 0 ? [`Not in the sum, since no price of it is known here: ${unknown.join(", ")}.`] : []),
  ].join("\n");
}
