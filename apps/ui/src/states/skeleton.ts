import { Component, computed, input } from "@angular/core";
import { texts } from "./texts";

/** Holds the place of rows that are on their way, in their height, so that nothing moves when they come. */
@Component({
  selector: "ui-skeleton",
  host: { role: "status" },
  template: `
    <span class="visually-hidden">{{ t.loading }}</span>
    @for (row of lines(); track row) {
      <div class="row" [style.height.rem]="height()"><span></span><span></span><span></span></div>
    }
  `,
  styles: `
    :host {
      display: block;
    }

    .row {
      display: flex;
      align-items: center;
      gap: 1.5rem;
      padding-inline: 1rem;

      & + & {
        border-block-start: 1px solid var(--line);
      }
    }

    .row span {
      height: 0.9rem;
      border-radius: 6px;
      background: linear-gradient(100deg, var(--calm-soft) 40%, var(--line) 50%, var(--calm-soft) 60%) 0 0 / 300% 100%;
      animation: sweep 1.6s linear infinite;

      &:nth-child(1) {
        width: 6rem;
      }

      &:nth-child(2) {
        flex: 1;
      }

      &:nth-child(3) {
        width: 4rem;
      }
    }

    @keyframes sweep {
      from {
        background-position: 120% 0;
      }
      to {
        background-position: -30% 0;
      }
    }
  `,
})
export class Skeleton {
  protected readonly t = texts;
  readonly rows = input(8);
  /** A row's height in rem. */
  readonly height = input(4.25);

  protected readonly lines = computed(() => Array.from({ length: this.rows() }, (_, row) => row));
}
