import { Component, computed, input } from "@angular/core";
import type { DeliverySummary } from "@slipway/contract";
import { texts } from "./texts";

/** What became of a delivery's images, in as few words as there are facts. */
@Component({
  selector: "app-image-counts",
  template: `
    @if (row().built > 0) {
      <span>{{ t.images.built(row().built) }}</span>
    }
    @if (row().adopted > 0) {
      <span>{{ t.images.adopted(row().adopted) }}</span>
    }
    @if (row().failed > 0) {
      <span class="bad">{{ t.images.failed(row().failed) }}</span>
    }
    @if (none()) {
      <span class="muted" aria-hidden="true">–</span><span class="visually-hidden">{{ t.images.none }}</span>
    }
  `,
  styles: `
    :host {
      display: inline-flex;
      flex-wrap: wrap;
      column-gap: 0.75rem;
    }

    span {
      white-space: nowrap;
    }

    .bad {
      color: var(--tone);
      font-weight: 600;
    }
  `,
})
export class ImageCounts {
  protected readonly t = texts;
  readonly row = input.required<Pick<DeliverySummary, "built" | "adopted" | "failed">>();
  protected readonly none = computed(() => this.row().built + this.row().adopted + this.row().failed === 0);
}
