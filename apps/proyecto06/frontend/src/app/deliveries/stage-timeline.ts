import { Component, computed, inject, input } from "@angular/core";
import type { Delivery } from "@slipway/contract";
import { Clock } from "@slipway/ui/format/clock";
import { DurationPipe, InstantPipe } from "@slipway/ui/format/pipes";
import { Badge } from "@slipway/ui/states/badge";
import { outcomeLooks, stageWords } from "../shared/words";
import { timelineOf } from "./timeline";
import { texts } from "./texts";

/**
 * The stages of a run as bars over a common time axis. Chart and table are one: each row says in words what its bar
 * shows, so that the bars can be passed over by whoever cannot see them.
 */
@Component({
  selector: "app-stage-timeline",
  imports: [Badge, DurationPipe, InstantPipe],
  host: { class: "card" },
  templateUrl: "./stage-timeline.html",
  styleUrl: "./stage-timeline.css",
})
export class StageTimeline {
  protected readonly t = texts;
  readonly #clock = inject(Clock);

  readonly delivery = input.required<Delivery>();

  protected readonly looks = outcomeLooks;
  protected readonly words = stageWords;
  protected readonly timeline = computed(() => {
    const delivery = this.delivery();
    return timelineOf(delivery.stages, delivery, delivery.finishedAt ? 0 : this.#clock.second());
  });
}
