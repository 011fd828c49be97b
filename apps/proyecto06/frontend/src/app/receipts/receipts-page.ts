import { Component } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import type { ReceiptSummary } from "@slipway/proyecto06-contract";
import { queryParameters } from "../core/address";
import { Ago } from "../shared/ago";
import { Badge } from "../shared/badge";
import { Empty } from "../shared/empty";
import { Keyset } from "../shared/keyset";
import { InstantPipe, UsdPipe } from "../shared/pipes";
import { ProblemPanel } from "../shared/problem-panel";
import { Skeleton } from "../shared/skeleton";
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
