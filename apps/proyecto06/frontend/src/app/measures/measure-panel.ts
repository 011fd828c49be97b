import { Component, computed, inject, input } from "@angular/core";
import type { Measures } from "@slipway/proyecto06-contract";
import { mdiOpenInNew } from "@mdi/js";
import { Icon } from "../shared/icon";
import { REGION } from "../shared/region";
import type { ChartContent } from "./chart-config";
import { type Measure, source } from "./measure";
import { MeasureChart } from "./measure-chart";
import { wordFigure, wordInterval } from "./wording";
import { texts } from "./texts";

/** One measure: its headline, what it means, its course as a chart, and the same as a table. */
@Component({
  selector: "app-measure-panel",
  imports: [Icon, MeasureChart],
  host: { class: "card" },
  templateUrl: "./measure-panel.html",
  styleUrl: "./measure-panel.css",
})
export class MeasurePanel {
  protected readonly t = texts;
  readonly #region = inject(REGION);

  readonly measure = input.required<Measure>();
  readonly data = input.required<Measures>();

  protected readonly source = source;
  protected readonly icons = { open: mdiOpenInNew };
  protected readonly headline = computed(() =>
    this.measure().series.map(({ label, value }) => ({ label, text: this.#word(value(this.data().total)) })),
  );
  protected readonly rows = computed(() => {
    const { interval, intervals } = this.data();
    return intervals.map((figures) => ({
      start: figures.start,
      label: wordInterval(figures.start, interval, this.#region),
      cells: this.measure().series.map(({ value }) => this.#word(value(figures))),
    }));
  });
  /** Newest first, as in every other list. */
  protected readonly newestFirst = computed(() => this.rows().toReversed());
  protected readonly chart = computed((): ChartContent => ({
    measure: this.measure(),
    labels: this.rows().map(({ label }) => label),
    values: this.measure().series.map(({ value }) => this.data().intervals.map(value)),
    word: (value) => wordFigure(value, this.measure().unit, this.#region),
  }));
  protected readonly hasValues = computed(() => this.chart().values.some((row) => row.some((value) => value !== null)));

  #word(value: number | null): string | null {
    return value === null ? null : wordFigure(value, this.measure().unit, this.#region);
  }
}
