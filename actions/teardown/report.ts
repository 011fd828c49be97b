import { explain } from "../lib/core/errors.ts";
import type { Remaining } from "../lib/lifecycle/down/down.ts";
import { describeRemaining, StageFailure, type DownRecord } from "../lib/lifecycle/down/stage-down.ts";
import { code, joined, safe, type Markdown, markdownTable, paragraphs, text } from "../lib/core/markdown.ts";
import { formatDuration } from "../lib/core/summary.ts";

const words = { none: safe`nothing was there`, gone: safe`gone`, failed: safe`**not gone**` } as const;

/** As many names of one kind as a cell holds. */
const shown = 5;

/** The job summary of a teardown: each stage, and, where one failed, what holds it and what to do. */
export function teardownMarkdown(record: TeardownRecord, failure?: unknown): Markdown {
  const { environment, stages, milliseconds } = record;
  const time = formatDuration(milliseconds);
  const title = failure === undefined ? `${environment} is taken away` : `${environment} is not taken away`;
  const table = markdownTable(
    ["Stage", "Result", "What was there", "Time"],
    stages.map((stage) => [
      text(stage.name),
      words[stage.result],
      counted(stage.found),
      text(formatDuration(stage.milliseconds)),
    ]),
  );
  return paragraphs(
    safe`### Teardown: ${text(title)}`,
    failure === undefined ? safe`` : failureMarkdown(failure),
    stages.length > 0 ? table : safe``,
    safe`In ${text(time)}.`,
  );
}

function failureMarkdown(failure: unknown): Markdown {
  if (!(failure instanceof StageFailure) || failure.remaining.length === 0) return text(explain(failure));
  const rows = failure.remaining.map(({ kind, name, why = "", next = "" }) =>
    [kind, name, why, next].map((each) => text(each)),
  );
  const heading = safe`The stage **${text(failure.stage)}** was not done. What is left, and what holds it:`;
  return paragraphs(heading, markdownTable(["What", "Name", "Why", "What to do"], rows), text(failure.next ?? ""));
}

/** `node group (2): a, b`, by kind. */
function counted(found: readonly Remaining[]): Markdown {
  const kinds = [...Map.groupBy(found, ({ kind }) => kind)].map(([kind, all]) => {
    const names = all.slice(0, shown).map(({ name }) => code(name));
    const count = all.length > 1 ? safe` (${all.length})` : safe``;
    return safe`${text(kind)}${count}: ${joined(names, ", ")}${all.length > shown ? safe`, …` : safe``}`;
  });
  return joined(kinds, "\n");
}

/** What a dry run found: nothing of it was touched. */
export interface DryRun {
  environment: string;
  /** In the order in which they would go. */
  stages: { name: string; remaining: Remaining[]; doneWhen: string; minutes: number }[];
  /** What would keep it from beginning. */
  refusals: string[];
}

/** A dry run for the job summary. */
export function dryRunMarkdown({ environment, stages, refusals }: DryRun): Markdown {
  const rows = stages.flatMap(({ name, remaining, minutes }) =>
    remaining.length > 0 ? [[text(name), counted(remaining), safe`${minutes} min`]] : [],
  );
  return paragraphs(
    safe`### Teardown: what would go of ${text(environment)}`,
    rows.length > 0 ? markdownTable(["Stage", "What would go", "At most"], rows) : safe`Nothing is there.`,
    ...refusals.map((refusal) => safe`It would not begin: ${text(refusal)}`),
    safe`Nothing was changed.`,
  );
}

/** A dry run for a log, a line for each thing. */
export function dryRunLines({ stages, refusals }: DryRun): string[] {
  return [
    ...stages.flatMap(({ name, remaining }) => remaining.map((each) => `${name}: ${describeRemaining(each)}`)),
    ...refusals.map((refusal) => `It would not begin: ${refusal}`),
  ];
}

/** How a teardown went, also one that failed. */
export interface TeardownRecord {
  environment: string;
  began: string;
  milliseconds: number;
  /** In the order in which they went. */
  stages: DownRecord[];
}
