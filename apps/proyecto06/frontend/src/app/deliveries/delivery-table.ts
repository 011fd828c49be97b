import { Component, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { DeliverySummary } from "@slipway/contract";
import { Ago } from "@slipway/ui/format/ago";
import { DurationPipe, ShortenPipe } from "@slipway/ui/format/pipes";
import { Badge } from "@slipway/ui/states/badge";
import { kindWords, outcomeLooks, stageWords } from "../shared/words";
import { Elapsed } from "./elapsed";
import { ImageCounts } from "./image-counts";
import { leadTime } from "./lead-time";
import { texts } from "./texts";

/** Deliveries where there is room for columns. */
@Component({
  selector: "app-delivery-table",
  imports: [Ago, Badge, DurationPipe, Elapsed, ImageCounts, RouterLink, ShortenPipe],
  host: { class: "card" },
  templateUrl: "./delivery-table.html",
  styleUrl: "./delivery-table.css",
})
export class DeliveryTable {
  protected readonly t = texts;
  readonly rows = input.required<readonly DeliverySummary[]>();

  protected readonly looks = outcomeLooks;
  protected readonly kinds = kindWords;
  protected readonly stages = stageWords;
  protected readonly leadTime = leadTime;
}
