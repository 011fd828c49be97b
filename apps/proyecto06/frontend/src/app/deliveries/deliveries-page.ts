import { Component, computed, inject } from "@angular/core";
import { MatButton } from "@angular/material/button";
import type { EnvironmentSummary } from "@slipway/contract";
import { apiResource } from "@slipway/ui/api/api";
import { media, phone } from "@slipway/ui/page/media";
import { Empty } from "@slipway/ui/states/empty";
import { ProblemPanel } from "@slipway/ui/states/problem-panel";
import { Skeleton } from "@slipway/ui/states/skeleton";
import { DeliveryCards } from "./delivery-cards";
import { DeliveryList } from "./delivery-list";
import { DeliveryTable } from "./delivery-table";
import { countOf } from "./filter";
import { FilterForm } from "./filter-form";
import { texts } from "./texts";

/** `/deliveries`: the newest first, filtered by the address, changing as they run. */
@Component({
  selector: "app-deliveries-page",
  imports: [DeliveryCards, DeliveryTable, Empty, FilterForm, MatButton, ProblemPanel, Skeleton],
  providers: [DeliveryList],
  templateUrl: "./deliveries-page.html",
  styleUrl: "./deliveries-page.css",
})
export class DeliveriesPage {
  protected readonly t = texts;
  protected readonly list = inject(DeliveryList);
  protected readonly phone = media(phone);
  protected readonly filtered = computed(() => countOf(this.list.filter()) > 0);
  protected readonly authors = computed(() => [...new Set(this.list.rows().map(({ author }) => author))].sort());

  // Only for the filter's choices: without it the page works all the same.
  readonly #environments = apiResource<{ items: EnvironmentSummary[] }>(() => ({ path: "/api/environments" }));
  protected readonly environments = computed(() =>
    this.#environments.hasValue() ? this.#environments.value().items.map(({ name }) => name) : [],
  );
}
