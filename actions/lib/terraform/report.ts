import { code, codeBlock, safe, type Markdown, markdownTable, paragraphs, text } from "../core/markdown.ts";
import { formatDuration } from "../core/summary.ts";
import { type ChangeCounts, describeCounts, type FinishedChange } from "./run/events.ts";
import type { TerraformRoot } from "./root.ts";

/** Where the work is told: the runner's log and the job summary. */
export interface Reporter {
  /** One line of the log. */
  line: (line: string) => void;
  /** A part of the work with a name of its own, folded away in the runner's log. */
  phase: <T>(name: string, work: () => Promise<T>) => Promise<T>;
  /** Adds Markdown to the job summary. */
  summary: (markdown: Markdown) => Promise<void>;
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
): Markdown {
  const slowest = [...finished].sort((a, b) => b.milliseconds - a.milliseconds).slice(0, 5);
  const table = markdownTable(
    ["added", "changed", "destroyed", "time"],
    [[counts.add, counts.change, counts.remove, text(formatDuration(milliseconds))]],
  );
  const longest = markdownTable(
    ["slowest resources", "action", "time"],
    slowest.map((change) => [code(change.address), text(change.action), text(formatDuration(change.milliseconds))]),
  );
  return paragraphs(safe`### Terraform: ${text(title)} ${text(result)}`, table, slowest.length > 0 ? longest : safe``);
}

/** GitHub takes no step's summary above 1 MiB; counted in characters, some of which are several bytes. */
const longestPlan = 900_000;

/** The job summary and comment of a plan; a comment's own limit is up to whoever posts it. */
export function planSummary(title: string, counts: ChangeCounts | undefined, plan: string): Markdown {
  const head = safe`### Terraform plan: ${text(title)}`;
  if (!counts) return paragraphs(head, safe`Nothing that Terraform reads has changed since the last apply.`);
  const shown = plan.length > longestPlan ? `${plan.slice(0, longestPlan)}\n(cut here)` : plan.trim();
  return paragraphs(head, text(describeCounts(counts)), codeBlock(shown));
}
