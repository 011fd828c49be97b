import { computed, inject, Injectable, linkedSignal } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import type { DeliverySummary } from "@slipway/contract";
import { Keyset } from "@slipway/ui/api/keyset";
import { queryParameters } from "@slipway/ui/page/address";
import { Live } from "../core/live";
import { reloadLive } from "../core/reload";
import { filterOf, queryOf } from "./filter";
import { withChanges } from "./rows";

/** The list of deliveries that the address asks for: its pages, and what has changed since they were loaded. */
@Injectable()
export class DeliveryList {
  readonly #live = inject(Live);
  readonly #parameters = queryParameters();

  readonly filter = computed(() => filterOf(this.#parameters()), {
    equal: (a, b) => JSON.stringify(a) === JSON.stringify(b),
  });
  readonly pages = new Keyset<DeliverySummary>("/api/deliveries", () => queryOf(this.filter()));
  readonly #changes = linkedSignal<unknown, ReadonlyMap<string, DeliverySummary>>({
    source: this.pages.start,
    computation: () => new Map(),
  });
  readonly rows = computed(() =>
    withChanges(this.pages.items(), this.#changes(), this.filter(), !this.pages.hasMore()),
  );

  constructor() {
    this.#live.changes.pipe(takeUntilDestroyed()).subscribe((change) => {
      this.#changes.update((changes) => new Map(changes).set(change.id, change));
    });
    reloadLive(this.pages.first, () => false);
  }
}
