import { Component, computed, inject, input } from "@angular/core";
import { Clock } from "./clock";
import { formatAge, formatInstant } from "./format";
import { REGION } from "./region";

/** An instant as its age; the instant itself is its tooltip, and what a machine reads. */
@Component({
  selector: "ui-ago",
  template: `<time [attr.datetime]="at()" [title]="exact()">{{ age() }}</time>`,
  styles: `
    :host {
      white-space: nowrap;
    }
  `,
})
export class Ago {
  readonly #clock = inject(Clock);
  readonly #region = inject(REGION);

  /** ISO 8601. */
  readonly at = input.required<string>();

  protected readonly exact = computed(() => formatInstant(Date.parse(this.at()), this.#region));
  protected readonly age = computed(() => {
    const at = Date.parse(this.at());
    // The clock ticks twice a minute; what just happened is not in the future for that.
    return formatAge(at, Math.max(at, this.#clock.halfMinute()), this.#region);
  });
}
