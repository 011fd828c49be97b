import { Component, computed, inject, input } from "@angular/core";
import type { Measures } from "@slipway/contract";
import { mdiOpenInNew } from "@mdi/js";
import { Chart } from "@slipway/ui/charts/chart";
import type { ChartContent } from "@slipway/ui/charts/chart-config";
import { REGION } from "@slipway/ui/format/region";
import { Icon } from "@slipway/ui/icon";
import { type DoraMeasure, source } from "./measure";
import { wordFigure, wordInterval } from "./wording";
import { texts } from "./texts";

/** One measure: its headline, what it means, its course as a chart, and the same as a table. */
@Component({
  selector: "app-measure-panel",
  imports: [Chart, Icon],
  host: { class: "card" },
  templateUrl: "./measure-panel.html",
  styleUrl: "./measure-panel.css",
})
export class MeasurePanel {
  protected readonly t = texts;
  readonly #region = inject(REGION);

  readonly measure = input.required<DoraMeasure>();
  readonly data = input.required<Measures>();

  protected readonly source = source;
  protected readonly icons = { open: mdiOpenInNew };
  protected readonly headline = computed(() =>
    this.measure().series.map(({ label, value }) => ({ label, text: this.#word(value(this.data().total)) })),
  );
  protected readonly chart = computed((): ChartContent => {
    const { interval, intervals } = this.data();
    return {
      ...this.measure(),
      labels: intervals.map(({ start }) => wordInterval(start, interval, this.#region)),
      values: this.measure().series.map(({ value }) => intervals.map(value)),
      word: (value) => wordFigure(value, this.measure().unit, this.#region),
    };
  });

  #word(value: number | null): string | null {
    return value === null ? null : wordFigure(value, this.measure().unit, this.#region);
  }
}
