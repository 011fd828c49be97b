import { Component, computed, input } from "@angular/core";
import type { ReportedReceipt, ReceiptClass } from "@slipway/contract";
import { DurationPipe, InstantPipe, UsdPipe } from "@slipway/ui/format/pipes";
import { Badge } from "@slipway/ui/states/badge";
import { cleanLook, receiptLooks } from "../shared/words";
import { texts } from "./texts";

/** What matters most comes first. */
const order: readonly ReceiptClass[] = ["billable", "unknown", "kept", "free-residual"];

/** What a teardown left, thing by thing. */
@Component({
  selector: "app-receipt-view",
  imports: [Badge, DurationPipe, InstantPipe, UsdPipe],
  templateUrl: "./receipt-view.html",
  styleUrl: "./receipt-view.css",
})
export class ReceiptView {
  protected readonly t = texts;
  readonly receipt = input.required<ReportedReceipt>();

  protected readonly clean = computed(() => cleanLook(this.receipt().clean));
  protected readonly looks = receiptLooks;
  protected readonly items = computed(() =>
    [...this.receipt().items].sort((a, b) => order.indexOf(a.class) - order.indexOf(b.class)),
  );
}
