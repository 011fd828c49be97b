import { inject, Injectable } from "@angular/core";
import { Title } from "@angular/platform-browser";
import { type RouterStateSnapshot, TitleStrategy } from "@angular/router";

/** Names the tab after the page: first the page, then the product. */
@Injectable({ providedIn: "root" })
export class PageTitle extends TitleStrategy {
  readonly #title = inject(Title);
  /** What the interface is called: the `<title>` of its index.html, which is there before any page has one. */
  readonly product = this.#title.getTitle();

  override updateTitle(snapshot: RouterStateSnapshot): void {
    this.set(this.buildTitle(snapshot));
  }

  /** Sets the title once a page knows what it shows, such as one order's number. */
  set(page: string | undefined): void {
    this.#title.setTitle(page ? `${page} · ${this.product}` : this.product);
  }
}
