import { Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import { FRAME } from "./frame-options";
import { texts } from "./texts";

@Component({
  selector: "ui-not-found-page",
  imports: [RouterLink],
  template: `
    <p class="eyebrow">404</p>
    <h1>{{ t.notFound.heading }}</h1>
    <p class="lead">{{ t.notFound.text }}</p>
    <p>
      <a [routerLink]="home.path">{{ home.link }}</a>
    </p>
  `,
})
export class NotFoundPage {
  protected readonly t = texts;
  protected readonly home = inject(FRAME).home;
}
