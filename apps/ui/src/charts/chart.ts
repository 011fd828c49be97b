import { Component, computed, input } from "@angular/core";
import { ChartCanvas } from "./chart-canvas";
import type { ChartContent } from "./chart-config";
import { texts } from "./texts";

/** A chart with its table: whoever cannot see the one reads the same in the other. */
@Component({
  selector: "ui-chart",
  imports: [ChartCanvas],
  templateUrl: "./chart.html",
  styleUrl: "./chart.css",
})
export class Chart {
  protected readonly t = texts;
  readonly content = input.required<ChartContent>();
  /** What the table's first column holds: "From", "Day". */
  readonly axis = input.required<string>();
  /** The id of the heading that says what this is a chart of. */
  readonly heading = input.required<string>();
  /** Said instead of a chart without any value. */
  readonly nothing = input(texts.nothing);

  protected readonly hasValues = computed(() =>
    this.content().values.some((row) => row.some((value) => value !== null)),
  );
  /** The last one first, as in every list. */
  protected readonly rows = computed(() => {
    const { labels, values, word } = this.content();
    const worded = (value: number | null | undefined) => (value === null || value === undefined ? null : word(value));
    return labels
      .map((label, index) => ({ label, index, cells: values.map((row) => worded(row[index])) }))
      .toReversed();
  });
}
