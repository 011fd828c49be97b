import { Component, input } from "@angular/core";

/** One of Material Design's icons, drawn from its path (`@mdi/js`). It says nothing to a screen reader: text next to it does. */
@Component({
  selector: "ui-icon",
  host: { "aria-hidden": "true" },
  template: `<svg viewBox="0 0 24 24" width="1em" height="1em"><path [attr.d]="path()" fill="currentColor" /></svg>`,
  styles: `
    :host {
      display: inline-flex;
      flex: none;
      font-size: 1.25rem;
    }
  `,
})
export class Icon {
  readonly path = input.required<string>();
}
