import { Component, input } from "@angular/core";
import type { Proof } from "@slipway/contract";
import { mdiCheckDecagram, mdiOpenInNew } from "@mdi/js";
import { InstantPipe, ShortenPipe } from "@slipway/ui/format/pipes";
import { webAddress } from "@slipway/ui/format/web-address";
import { Icon } from "@slipway/ui/icon";
import { texts } from "./texts";

/** What was seen to be live: apps, their images' digests, and the pods that run them. */
@Component({
  selector: "app-proof-view",
  imports: [Icon, InstantPipe, ShortenPipe],
  templateUrl: "./proof-view.html",
  styleUrl: "./proof-view.css",
})
export class ProofView {
  protected readonly t = texts;
  readonly proof = input.required<Proof>();

  protected readonly icons = { proof: mdiCheckDecagram, open: mdiOpenInNew };
  protected readonly webAddress = webAddress;
}
