import { effect, inject, type ResourceRef, signal, untracked } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { filter } from "rxjs";
import type { DeliveryEvent } from "@slipway/contract";
import { Live } from "./live";

/**
 * Asks for a resource again when a delivery changes, and after the live connection was away. A change while the first
 * answer is on its way may be newer than that answer: then it is asked for once more afterwards.
 * Called where `inject()` may be.
 *
 * @param concerns which changes; none when the resource takes changes in itself
 */
export function reloadLive(resource: ResourceRef<unknown>, concerns: (change: DeliveryEvent) => boolean): void {
  const live = inject(Live);
  const missed = signal(false);
  const again = () => {
    missed.set(!resource.reload());
  };
  live.changes.pipe(filter(concerns), takeUntilDestroyed()).subscribe(again);
  effect(() => {
    if (live.resumed() > 0) untracked(again);
  });
  effect(() => {
    if (missed() && resource.status() === "resolved") untracked(again);
  });
}
