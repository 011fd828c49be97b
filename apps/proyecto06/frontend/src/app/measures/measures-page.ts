import { Component, computed, effect, inject, linkedSignal, untracked } from "@angular/core";
import { form, FormField } from "@angular/forms/signals";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { Router } from "@angular/router";
import type { EnvironmentSummary, Measures } from "@slipway/contract";
import { apiResource } from "@slipway/ui/api/api";
import { queryParameters } from "@slipway/ui/page/address";
import { ProblemPanel } from "@slipway/ui/states/problem-panel";
import { Skeleton } from "@slipway/ui/states/skeleton";
import { measures } from "./measure";
import { MeasurePanel } from "./measure-panel";
import {
  type Interval,
  intervals,
  measuresAddressOf,
  measuresQueryOf,
  measuresRequestOf,
  type Range,
  ranges,
} from "./query";
import { texts } from "./texts";

const intervalWords: Record<Interval, string> = {
  day: $localize`:@@interval.day:By day`,
  week: $localize`:@@interval.week:By week`,
  month: $localize`:@@interval.month:By month`,
};

const rangeWords: Record<Range, string> = {
  30: $localize`:@@range.30:Last 30 days`,
  90: $localize`:@@range.90:Last 90 days`,
  180: $localize`:@@range.180:Last 180 days`,
  365: $localize`:@@range.365:Last 365 days`,
};

/** `/measures`: the four DORA measures over the time that the address names. */
@Component({
  selector: "app-measures-page",
  imports: [FormField, MatFormField, MatInput, MatLabel, MeasurePanel, ProblemPanel, Skeleton],
  templateUrl: "./measures-page.html",
  styleUrl: "./measures-page.css",
})
export class MeasuresPage {
  protected readonly t = texts;
  readonly #router = inject(Router);
  readonly #parameters = queryParameters();
  readonly #query = computed(() => measuresQueryOf(this.#parameters()), { equal: sameJson });
  readonly #environments = apiResource<{ items: EnvironmentSummary[] }>(() => ({ path: "/api/environments" }));

  protected readonly measures = measures;
  protected readonly intervals = intervals.map((value) => ({ value, label: intervalWords[value] }));
  protected readonly ranges = ranges.map((value) => ({ value, label: rangeWords[value] }));
  protected readonly environments = computed(() => {
    const known = this.#environments.hasValue() ? this.#environments.value().items.map(({ name }) => name) : [];
    const { environment } = this.#query();
    return [...new Set([...known, ...(environment ? [environment] : [])])].sort();
  });
  protected readonly model = linkedSignal(() => this.#query());
  protected readonly fields = form(this.model);
  protected readonly resource = apiResource<Measures>(() => ({
    path: "/api/measures",
    query: measuresRequestOf(this.#query(), Date.now()),
  }));

  constructor() {
    effect(() => {
      const wanted = this.model();
      if (sameJson(wanted, untracked(this.#query))) return;
      void this.#router.navigate([], { queryParams: measuresAddressOf(wanted), queryParamsHandling: "merge" });
    });
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
