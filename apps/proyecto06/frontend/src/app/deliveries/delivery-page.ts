import { Component, computed, effect, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { Delivery } from "@slipway/contract";
import { apiResource } from "@slipway/ui/api/api";
import { Ago } from "@slipway/ui/format/ago";
import { DurationPipe, InstantPipe, ShortenPipe } from "@slipway/ui/format/pipes";
import { pathParameter } from "@slipway/ui/page/address";
import { PageTitle } from "@slipway/ui/page/page-title";
import { Badge } from "@slipway/ui/states/badge";
import { ProblemPanel } from "@slipway/ui/states/problem-panel";
import { Skeleton } from "@slipway/ui/states/skeleton";
import { reloadLive } from "../core/reload";
import { ReceiptView } from "../receipts/receipt-view";
import { kindWords, outcomeLooks, stageWords } from "../shared/words";
import { Elapsed } from "./elapsed";
import { ImageList } from "./image-list";
import { leadTime } from "./lead-time";
import { ProofView } from "./proof-view";
import { StageTimeline } from "./stage-timeline";
import { texts } from "./texts";

/** `/deliveries/:id`: one run from its first stage to its proof, live while it runs. */
@Component({
  selector: "app-delivery-page",
  imports: [
    Ago,
    Badge,
    DurationPipe,
    Elapsed,
    ImageList,
    InstantPipe,
    ProblemPanel,
    ProofView,
    ReceiptView,
    RouterLink,
    ShortenPipe,
    Skeleton,
    StageTimeline,
  ],
  templateUrl: "./delivery-page.html",
  styleUrl: "./delivery-page.css",
})
export class DeliveryPage {
  protected readonly t = texts;
  readonly #title = inject(PageTitle);

  readonly #id = pathParameter("id");

  protected readonly resource = apiResource<Delivery>(() => ({
    path: `/api/deliveries/${encodeURIComponent(this.#id())}`,
  }));
  protected readonly delivery = computed(() => (this.resource.hasValue() ? this.resource.value() : undefined));
  protected readonly lead = computed(() => {
    const delivery = this.delivery();
    return delivery ? leadTime(delivery) : null;
  });
  protected readonly looks = outcomeLooks;
  protected readonly kinds = kindWords;
  protected readonly stages = stageWords;

  constructor() {
    effect(() => {
      const delivery = this.delivery();
      if (delivery) this.#title.set(delivery.title);
    });
    // The event holds the list's row; the stages are asked for.
    reloadLive(this.resource, (change) => change.id === this.#id());
  }
}
