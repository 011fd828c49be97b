import { explain } from "./errors.ts";
import type { Left } from "./lifecycle/down/down.ts";
import { describeLeft, StageFailure, type StageRecord } from "./lifecycle/down/stage-down.ts";
import { formatDuration, markdownTable } from "./summary.ts";

const words = { none: "nothing was there", gone: "gone", failed: "**not gone**" } as const;

/** As many names of one kind as a cell holds. */
const shown = 5;

/** The job summary of a teardown: each stage, and, where one failed, what holds it and what to do. */
export function teardownMarkdown(record: TeardownRecord, failure?: unknown): string {
  const { environment, stages, milliseconds } = record;
  const time = formatDuration(milliseconds);
  const title = failure === undefined ? `${environment} is taken away` : `${environment} is not taken away`;
  const table = markdownTable(
    ["Stage", "Result", "What was there", "Time"],
    stages.map((stage) => [stage.name, words[stage.result], counted(stage.found), formatDuration(stage.milliseconds)]),
  );
  return [
    `### Teardown: ${title}`,
    ...(failure === undefined ? [] : [failureMarkdown(failure)]),
    ...(stages.length > 0 ? [table] : []),
    `In ${time}.`,
  ].join("\n\n");
}

function failureMarkdown(failure: unknown): string {
  if (!(failure instanceof StageFailure) || failure.left.length === 0) return explain(failure);
  const rows = failure.left.map(({ kind, name, why = "", next = "" }) => [kind, name, why, next]);
  const heading = `The stage **${failure.stage}** was not done. What is left, and what holds it:`;
  return [heading, markdownTable(["What", "Name", "Why", "What to do"], rows), failure.next ?? ""].join("\n\n");
}

/** `node group (2): a, b`, by kind. */
function counted(found: readonly Left[]): string {
  return [...Map.groupBy(found, ({ kind }) => kind)]
    .map(([kind, all]) => {
      const names = all.slice(0, shown).map(({ name }) => `\`${name}\``);
      const count = all.length > 1 ? ` (${all.length})` : "";
      return `${kind}${count}: ${names.join(", ")}${all.length > shown ? ", …" : ""}`;
    })
    .join("\n");
}

/** What a dry run found: nothing of it was touched. */
export interface DryRun {
  environment: string;
  /** In the order in which they would go. */
  stages: { name: string; left: Left[]; doneWhen: string; minutes: number }[];
  /** What would keep it from beginning. */
  refusals: string[];
}

/** A dry run for the job summary. */
export function dryRunMarkdown({ environment, stages, refusals }: DryRun): string {
  const rows = stages.flatMap(({ name, left, minutes }) =>
    left.length > 0 ? [[name, counted(left), `${minutes} min`]] : [],
  );
  return [
    `### Teardown: what would go of ${environment}`,
    rows.length > 0 ? markdownTable(["Stage", "What would go", "At most"], rows) : "Nothing is there.",
    ...refusals.map((refusal) => `It would not begin: ${refusal}`),
    "Nothing was changed.",
  ].join("\n\n");
}

/** A dry run for a log, a line for each thing. */
export function dryRunLines({ stages, refusals }: DryRun): string[] {
  return [
    ...stages.flatMap(({ name, left }) => left.map((each) => `${name}: ${describeLeft(each)}`)),
    ...refusals.map((refusal) => `It would not begin: ${refusal}`),
  ];
}

/** How a teardown went, also one that failed. */
export interface TeardownRecord {
  environment: string;
  began: string;
  milliseconds: number;
  /** In the order in which they went. */
  stages: StageRecord[];
}
