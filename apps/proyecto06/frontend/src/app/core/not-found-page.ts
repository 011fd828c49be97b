import { Component } from "@angular/core";
import { RouterLink } from "@angular/router";
import { texts } from "./texts";

@Component({
  selector: "app-not-found-page",
  imports: [RouterLink],
  template: `
    <p class="eyebrow">404</p>
    <h1>{{ t.notFound.heading }}</h1>
    <p class="lead">{{ t.notFound.text }}</p>
    <p>
      <a routerLink="/deliveries">{{ t.notFound.link }}</a>
    </p>
  `,
})
export class NotFoundPage {
  protected readonly t = texts;
}
