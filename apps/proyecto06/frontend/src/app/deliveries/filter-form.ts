import { Component, computed, effect, inject, input, linkedSignal, untracked } from "@angular/core";
import { debounce, form, FormField } from "@angular/forms/signals";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel, MatPrefix } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { Router } from "@angular/router";
import { mdiMagnify, mdiTuneVariant } from "@mdi/js";
import { Icon } from "@slipway/ui/icon";
import { media, phone } from "@slipway/ui/page/media";
import { kindWords, outcomeLooks } from "../shared/words";
import { addressOf, countOf, type DeliveryFilter, filterOf, kinds, outcomes } from "./filter";
import { texts } from "./texts";

/** The filters above the list. They live in the address: what is chosen here goes there, and comes back from there. */
@Component({
  selector: "app-filter-form",
  imports: [FormField, Icon, MatButton, MatFormField, MatInput, MatLabel, MatPrefix],
  templateUrl: "./filter-form.html",
  styleUrl: "./filter-form.css",
})
export class FilterForm {
  protected readonly t = texts;
  readonly #router = inject(Router);

  readonly filter = input.required<DeliveryFilter>();
  readonly environments = input<readonly string[]>([]);
  readonly authors = input<readonly string[]>([]);

  protected readonly icons = { search: mdiMagnify, filters: mdiTuneVariant };
  protected readonly kinds = kinds.map((value) => ({ value, label: kindWords[value] }));
  protected readonly outcomes = outcomes.map((value) => ({ value, label: outcomeLooks[value].label }));
  protected readonly phone = media(phone);
  protected readonly count = computed(() => countOf(this.filter()));
  /** On a phone the list comes first: all but the search is folded away, unless some of it is set. */
  protected readonly unfolded = linkedSignal(
    () => !this.phone() || countOf({ ...untracked(this.filter), search: "" }) > 0,
  );
  // The chosen environment is offered even before (or without) the list of them.
  protected readonly environmentNames = computed(() => {
    const { environment } = this.filter();
    return [...new Set([...this.environments(), ...(environment ? [environment] : [])])].sort();
  });

  // What the address only writes more plainly (a space at the end) is not taken from under the person's fingers.
  protected readonly model = linkedSignal<DeliveryFilter, DeliveryFilter>({
    source: this.filter,
    computation: (filter, before) => (before && sameAddress(before.value, filter) ? before.value : filter),
  });
  protected readonly fields = form(this.model, (path) => {
    debounce(path.search, 300);
    debounce(path.author, 300);
  });

  constructor() {
    effect(() => {
      const wanted = this.model();
      if (sameAddress(wanted, untracked(this.filter))) return;
      const queryParams = addressOf(wanted);
      void this.#router.navigate([], { queryParams, queryParamsHandling: "merge", replaceUrl: true });
    });
  }

  protected unfold(): void {
    this.unfolded.update((open) => !open);
  }

  protected clear(): void {
    this.model.set(filterOf({ get: () => null }));
  }
}

function sameAddress(a: DeliveryFilter, b: DeliveryFilter): boolean {
  return JSON.stringify(addressOf(a)) === JSON.stringify(addressOf(b));
}
