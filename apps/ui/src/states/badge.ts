import { Component, input } from "@angular/core";
import { Icon } from "../icon";

/** Words, icon and colour for a state: always all three, so that none has to be told by its colour. */
export interface Look {
  label: string;
  /** Of `@mdi/js`. */
  icon: string;
  tone: "good" | "bad" | "busy" | "warn" | "calm";
}

/** A state as icon and word on a soft ground of its colour. */
@Component({
  selector: "ui-badge",
  imports: [Icon],
  host: { "[class]": "look().tone" },
  template: `<ui-icon [path]="look().icon" />{{ look().label }}`,
  styles: `
    :host {
      display: inline-flex;
      align-items: center;
      gap: 0.35rem;
      padding: 0.2rem 0.65rem 0.2rem 0.45rem;
      border-radius: 99px;
      background: var(--soft);
      color: var(--tone);
      font-size: 0.8125rem;
      font-weight: 600;
      line-height: 1.25rem;
      white-space: nowrap;
    }

    ui-icon {
      font-size: 1rem;
    }
  `,
})
export class Badge {
  readonly look = input.required<Look>();
}
