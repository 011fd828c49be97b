import { Component, computed, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { Environment } from "@slipway/proyecto06-contract";
import { mdiOpenInNew } from "@mdi/js";
import { Clock } from "../core/clock";
import { Ago } from "../shared/ago";
import { Badge } from "../shared/badge";
import { formatDuration } from "../shared/format";
import { Icon } from "../shared/icon";
import { InstantPipe, ShortenPipe, UsdPipe } from "../shared/pipes";
import { REGION } from "../shared/region";
import { webAddress } from "../shared/web-address";
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

  readonly environment = input.required<Environment>();

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
