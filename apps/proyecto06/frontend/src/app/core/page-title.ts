import { inject, Injectable } from "@angular/core";
import { Title } from "@angular/platform-browser";
import { type RouterStateSnapshot, TitleStrategy } from "@angular/router";

/** Names the tab after the page: first the page, then the product. */
@Injectable({ providedIn: "root" })
export class PageTitle extends TitleStrategy {
  readonly #title = inject(Title);

  override updateTitle(snapshot: RouterStateSnapshot): void {
    this.set(this.buildTitle(snapshot));
  }

  /** Sets the title once a page knows what it shows, such as one delivery's subject. */
  set(page: string | undefined): void {
    this.#title.setTitle(page ? `${page} · Slipway` : "Slipway");
  }
}
