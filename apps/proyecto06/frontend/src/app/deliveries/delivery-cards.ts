import { Component, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { DeliverySummary } from "@slipway/contract";
import { Ago } from "@slipway/ui/format/ago";
import { ShortenPipe } from "@slipway/ui/format/pipes";
import { Badge } from "@slipway/ui/states/badge";
import { kindWords, outcomeLooks, stageWords } from "../shared/words";
import { Elapsed } from "./elapsed";
import { ImageCounts } from "./image-counts";

/** Deliveries on a phone. */
@Component({
  selector: "app-delivery-cards",
  imports: [Ago, Badge, Elapsed, ImageCounts, RouterLink, ShortenPipe],
  template: `
    <ul>
      @for (row of rows(); track row.id) {
        <li class="card">
          <p class="top">
            <ui-badge [look]="looks[row.outcome]" />
            @if (row.stage; as stage) {
              <span class="muted">{{ stages[stage] }}</span>
            }
            <ui-ago class="muted when" [at]="row.startedAt" />
          </p>
          <h2>
            <a [routerLink]="['/deliveries', row.id]">{{ row.title }}</a>
          </h2>
          <p class="muted">
            {{ kinds[row.kind] }} · {{ row.environment }} · <code>{{ row.identity.commit | shorten }}</code> ·
            {{ row.author }}
          </p>
          <p class="foot">
            <app-image-counts [row]="row" /><app-elapsed [from]="row.startedAt" [to]="row.finishedAt" />
          </p>
        </li>
      }
    </ul>
  `,
  styles: `
    ul {
      display: grid;
      gap: 0.75rem;
      margin: 0;
      padding: 0;
      list-style: none;
    }

    li {
      position: relative;
      display: grid;
      gap: 0.4rem;
      padding: 0.9rem 1rem;
      overflow-wrap: anywhere;
    }

    p {
      margin: 0;
      font-size: 0.875rem;
    }

    .top,
    .foot {
      display: flex;
      align-items: center;
      gap: 0.6rem;
    }

    .foot {
      justify-content: space-between;
    }

    .when {
      margin-inline-start: auto;
    }

    h2 {
      font-size: 1.0625rem;
    }

    a {
      color: inherit;
      text-decoration: none;
    }

    a::after {
      content: "";
      position: absolute;
      inset: 0;
    }
  `,
})
export class DeliveryCards {
  readonly rows = input.required<readonly DeliverySummary[]>();

  protected readonly looks = outcomeLooks;
  protected readonly kinds = kindWords;
  protected readonly stages = stageWords;
}
