import { Component } from "@angular/core";
import type { EnvironmentSummary } from "@slipway/contract";
import { apiResource } from "@slipway/ui/api/api";
import { Empty } from "@slipway/ui/states/empty";
import { ProblemPanel } from "@slipway/ui/states/problem-panel";
import { Skeleton } from "@slipway/ui/states/skeleton";
import { reloadLive } from "../core/reload";
import { EnvironmentCard } from "./environment-card";
import { texts } from "./texts";

/** `/environments`: what runs where, now. */
@Component({
  selector: "app-environments-page",
  imports: [Empty, EnvironmentCard, ProblemPanel, Skeleton],
  template: `
    <h1>{{ t.environments.title }}</h1>
    <p class="lead">{{ t.environments.lead }}</p>
    @if (resource.error(); as error) {
      <ui-problem [error]="error" (retry)="resource.reload()" />
    } @else if (!resource.hasValue()) {
      <div class="card"><ui-skeleton [rows]="6" [height]="4.5" /></div>
    } @else {
      @for (environment of resource.value().items; track environment.name) {
        <app-environment-card [environment]="environment" />
      } @empty {
        <ui-empty>
          <h2>{{ t.environments.none }}</h2>
          <p>{{ t.environments.noneHint }}</p>
        </ui-empty>
      }
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 1.25rem;
    }

    .lead {
      margin-block: -0.75rem 0.25rem;
    }
  `,
})
export class EnvironmentsPage {
  protected readonly t = texts;
  protected readonly resource = apiResource<{ items: EnvironmentSummary[] }>(() => ({ path: "/api/environments" }));

  constructor() {
    reloadLive(this.resource, () => true);
  }
}
