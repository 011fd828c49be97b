import { Component } from "@angular/core";

/** Says that there is nothing, why, and what would bring something. */
@Component({
  selector: "ui-empty",
  host: { class: "card" },
  template: `
    <svg viewBox="0 0 120 48" width="120" height="48" aria-hidden="true">
      <path d="M0 44 120 20v6L0 48z" fill="var(--line)" />
      <path
        d="M62 31h34l-4 6.500a4 4 0 0 1-3.400 1.800H69a4 4 0 0 1-3.400-1.800z"
        transform="rotate(-11 79 34)"
        fill="var(--muted)"
      />
    </svg>
    <ng-content />
  `,
  styles: `
    :host {
      display: grid;
      justify-items: center;
      gap: 0.75rem;
      padding: 3rem 1.5rem;
      text-align: center;
      color: var(--muted);
    }
  `,
})
export class Empty {}
