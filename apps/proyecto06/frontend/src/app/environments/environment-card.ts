import { Component, computed, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { EnvironmentSummary } from "@slipway/contract";
import { mdiOpenInNew } from "@mdi/js";
import { Ago } from "@slipway/ui/format/ago";
import { Clock } from "@slipway/ui/format/clock";
import { formatDuration } from "@slipway/ui/format/format";
import { InstantPipe, ShortenPipe, UsdPipe } from "@slipway/ui/format/pipes";
import { REGION } from "@slipway/ui/format/region";
import { webAddress } from "@slipway/ui/format/web-address";
import { Icon } from "@slipway/ui/icon";
import { Badge } from "@slipway/ui/states/badge";
import { cleanLook, environmentLooks } from "../shared/words";
import { texts } from "./texts";

/** One environment with the apps that run in it. */
@Component({
  selector: "app-environment-card",
  imports: [Ago, Badge, Icon, InstantPipe, RouterLink, ShortenPipe, UsdPipe],
  host: { class: "card" },
  templateUrl: "./environment-card.html",
  styleUrl: "./environment-card.css",
})
export class EnvironmentCard {
  protected readonly t = texts;
  readonly #clock = inject(Clock);
  readonly #region = inject(REGION);

  readonly environment = input.required<EnvironmentSummary>();

  protected readonly icons = { open: mdiOpenInNew };
  protected readonly look = computed(() => environmentLooks[this.environment().state]);
  protected readonly clean = cleanLook;
  protected readonly webAddress = webAddress;
  protected readonly apps = computed(() => {
    const now = this.#clock.halfMinute();
    return this.environment().apps.map((app) => ({
      ...app,
      age: formatDuration((now - Date.parse(app.since)) / 1_000, this.#region),
    }));
  });
}
