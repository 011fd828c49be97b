import { stages } from "../../actions/lib/lifecycle/stages.ts";
import { textTable } from "../terminal/text-table.ts";

/** A stage for a reader. */
export interface StageRow {
  name: string;
  description: string;
  /** What brings it up. */
  up: string;
  /** When it is gone, and the minutes after which its teardown has failed; null where it is not taken away. */
  down: { doneWhen: string; minutes: number } | null;
}

/** The stages in the order in which an environment comes up. */
export function stageRows(): StageRow[] {
  return stages.map(({ name, description, up, comes = "", down }) => ({
    name,
    description,
    up: up?.by ?? comes,
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
          ["  up", up],
          ["  down", down ? `within ${down.minutes} minutes: ${down.doneWhen}` : "not by itself"],
        ],
      ),
    ),
  ].join("\n\n");
}
