import { formatDuration, markdownTable } from "../summary.ts";
import { type ChangeCounts, describeCounts, type FinishedChange } from "./events.ts";
import type { TerraformRoot } from "./root.ts";

/** Where the work is told: the runner's log and the job summary. */
export interface Report {
  /** One line of the log. */
  line: (text: string) => void;
  /** A part of the work with a name of its own, folded away in the runner's log. */
  phase: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** Adds Markdown to the job summary. */
  summary: (markdown: string) => Promise<void>;
}

/** `registry`, or `environment dev`. */
export function describeRoot(root: TerraformRoot, environment: string): string {
  return root === "registry" ? "registry" : `environment ${environment}`;
}

/**
 * The job summary of an apply: what was done, how long it took, and what took longest.
 *
 * @param result how it ended, as in `applied` or `stopped`
 * @param milliseconds from the lock to the end
 */
export function applySummary(
  title: string,
  result: string,
  counts: ChangeCounts,
  milliseconds: number,
  finished: readonly FinishedChange[],
): string {
  const slowest = [...finished].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 5);
  const table = markdownTable(
    ["added", "changed", "destroyed", "time"],
    [[counts.add, counts.change, counts.remove, formatDuration(milliseconds)]],
  );
  const longest = markdownTable(
    ["slowest resources", "action", "time"],
    slowest.map((change) => [`\`${change.address}\``, change.action, formatDuration(change.milliseconds)]),
  );
  return [`### Terraform: ${title} ${result}`, table, ...(slowest.length > 0 ? [longest] : [])].join("\n\n");
}

/** GitHub takes no step's summary above 1 MiB; counted in characters, some of which are several bytes. */
const longestPlan = 900_000;

/** The job summary and comment of a plan; a comment's own limit is up to whoever posts it. */
export function planSummary(title: string, counts: ChangeCounts | undefined, text: string): string {
  const head = `### Terraform plan: ${title}`;
  const shown = text.length > longestPlan ? `${text.slice(0, longestPlan)}\n(cut here)` : text.trim();
  if (!counts) return `${head}\n\nNothing that Terraform reads has changed since the last apply.`;
  // A plan may hold code fences of its own, in a description or a template.
  const longestRun = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longestRun + 1);
  return `${head}\n\n${describeCounts(counts)}\n\n${fence}\n${shown}\n${fence}`;
}
