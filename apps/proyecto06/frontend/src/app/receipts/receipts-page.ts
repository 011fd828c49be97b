import { Component } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import type { ReceiptSummary } from "@slipway/contract";
import { Keyset } from "@slipway/ui/api/keyset";
import { Ago } from "@slipway/ui/format/ago";
import { InstantPipe, UsdPipe } from "@slipway/ui/format/pipes";
import { queryParameters } from "@slipway/ui/page/address";
import { Badge } from "@slipway/ui/states/badge";
import { Empty } from "@slipway/ui/states/empty";
import { ProblemPanel } from "@slipway/ui/states/problem-panel";
import { Skeleton } from "@slipway/ui/states/skeleton";
import { cleanLook } from "../shared/words";
import { texts } from "./texts";

/** `/receipts`: what each teardown left, newest first. */
@Component({
  selector: "app-receipts-page",
  imports: [Ago, Badge, Empty, InstantPipe, MatButton, ProblemPanel, RouterLink, Skeleton, UsdPipe],
  templateUrl: "./receipts-page.html",
  styleUrl: "./receipts-page.css",
})
export class ReceiptsPage {
  protected readonly t = texts;
  readonly #parameters = queryParameters();

  protected readonly list = new Keyset<ReceiptSummary>("/api/receipts", () => {
    const environment = this.#parameters().get("environment");
    return environment ? { environment } : {};
  });
  protected readonly look = cleanLook;
}
