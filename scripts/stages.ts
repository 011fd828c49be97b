import { stages } from "../actions/lib/lifecycle/stages.ts";
import { textTable } from "./text-table.ts";

/** A stage for a reader. */
export interface StageRow {
  name: string;
  description: string;
  /** What brings it up; null where it comes with the stages before it. */
  up: string | null;
  /** When it is gone, and the minutes after which its teardown has failed; null where it is not taken away. */
  down: { doneWhen: string; minutes: number } | null;
}

/** The stages in the order in which an environment comes up. */
export function stageRows(): StageRow[] {
  return stages.map(({ name, description, up, down }) => ({
    ...{ name, description, up: up?.by ?? null },
    down: down ? { doneWhen: down.doneWhen, minutes: down.minutes } : null,
  }));
}

/** The stages for a terminal. */
export function describeStages(rows: readonly StageRow[]): string {
  return [
    "An environment comes up in this order, and goes in the other one.",
    ...rows.map(({ name, description, up, down }) =>
      textTable(
        [name, description],
        [
          ["  up", up ?? "with the stages before it"],
          ["  down", down ? `within ${down.minutes} minutes: ${down.doneWhen}` : "not taken away by itself"],
        ],
      ),
    ),
  ].join("\n\n");
}
