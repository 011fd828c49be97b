import { Component, computed, effect, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ReportedReceipt } from "@slipway/contract";
import { apiResource } from "@slipway/ui/api/api";
import { pathParameter } from "@slipway/ui/page/address";
import { PageTitle } from "@slipway/ui/page/page-title";
import { ProblemPanel } from "@slipway/ui/states/problem-panel";
import { Skeleton } from "@slipway/ui/states/skeleton";
import { ReceiptView } from "./receipt-view";
import { texts } from "./texts";

/** `/receipts/:id`: one teardown's receipt. */
@Component({
  selector: "app-receipt-page",
  imports: [ProblemPanel, ReceiptView, RouterLink, Skeleton],
  template: `
    <p class="eyebrow">
      <a routerLink="/receipts">{{ t.receipts.title }}</a>
    </p>
    <h1>{{ heading() }}</h1>
    @if (resource.error(); as error) {
      <ui-problem [error]="error" (retry)="resource.reload()" />
    } @else if (receipt(); as one) {
      <app-receipt-view [receipt]="one" />
      <p>
        <a [routerLink]="['/deliveries', one.id]">{{ t.receipt.run }}</a>
      </p>
    } @else {
      <div class="card"><ui-skeleton [rows]="6" [height]="3.5" /></div>
    }
  `,
  styles: `
    h1 {
      margin-block-end: 1.5rem;
    }
  `,
})
export class ReceiptPage {
  protected readonly t = texts;
  readonly #title = inject(PageTitle);

  readonly #id = pathParameter("id");

  protected readonly resource = apiResource<ReportedReceipt & { id: string; environment: string }>(() => ({
    path: `/api/receipts/${encodeURIComponent(this.#id())}`,
  }));
  protected readonly receipt = computed(() => (this.resource.hasValue() ? this.resource.value() : undefined));

  protected readonly heading = computed(() => {
    const receipt = this.receipt();
    return receipt ? texts.receipt.of(receipt.environment) : texts.receipt.title;
  });

  constructor() {
    effect(() => {
      this.#title.set(this.heading());
    });
  }
}
