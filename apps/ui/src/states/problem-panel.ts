import { Component, computed, input, output } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { mdiAlertCircle } from "@mdi/js";
import { ApiError } from "../api/api";
import { unexpected } from "../api/problem";
import { Icon } from "../icon";
import { texts } from "./texts";

/** Instead of what could not be loaded: why, and a way to try again. */
@Component({
  selector: "ui-problem",
  imports: [Icon, MatButton],
  host: { class: "card bad", role: "alert" },
  template: `
    <ui-icon [path]="icon" />
    <div>
      <h2>{{ problem().title }}</h2>
      @if (problem().detail; as detail) {
        <p lang="en">{{ detail }}</p>
      }
      @if (problem().requestId; as id) {
        <p class="muted">
          {{ t.problem.request }} <code>{{ id }}</code>
        </p>
      }
      <button matButton="filled" type="button" (click)="retry.emit()">{{ t.problem.retry }}</button>
    </div>
  `,
  styles: `
    :host {
      display: flex;
      gap: 1rem;
      padding: 1.5rem;
      border-inline-start: 5px solid var(--tone);
    }

    ui-icon {
      color: var(--tone);
      font-size: 1.75rem;
    }

    p {
      margin: 0.4rem 0 0;
    }

    button {
      margin-block-start: 1.1rem;
    }
  `,
})
export class ProblemPanel {
  protected readonly t = texts;
  readonly error = input.required<unknown>();
  readonly retry = output();

  protected readonly icon = mdiAlertCircle;
  protected readonly problem = computed(() => {
    const error = this.error();
    return error instanceof ApiError ? error.problem : unexpected();
  });
}
