import { Component, computed, inject, input } from "@angular/core";
import { Clock } from "@slipway/ui/format/clock";
import { formatDuration } from "@slipway/ui/format/format";
import { REGION } from "@slipway/ui/format/region";

/** How long something took, or has taken so far: then it counts on. */
@Component({ selector: "app-elapsed", template: `{{ text() }}` })
export class Elapsed {
  readonly #clock = inject(Clock);
  readonly #region = inject(REGION);

  readonly from = input.required<string>();
  readonly to = input.required<string | null>();

  protected readonly text = computed(() => {
    const to = this.to();
    const end = to ? Date.parse(to) : this.#clock.second();
    return formatDuration((end - Date.parse(this.from())) / 1_000, this.#region);
  });
}
