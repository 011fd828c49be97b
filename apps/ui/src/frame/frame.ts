import { Component, computed, DOCUMENT, inject } from "@angular/core";
import { RouterLink, RouterOutlet } from "@angular/router";
import { mdiTune } from "@mdi/js";
import { Icon } from "../icon";
import { address } from "../page/address";
import { focusMain, focusOnNavigation } from "../page/focus";
import { PageTitle } from "../page/page-title";
import { PreferencesPanel } from "../preferences/preferences-panel";
import { SessionService } from "../session/sessions";
import { FRAME } from "./frame-options";
import { texts } from "./texts";

/**
 * The frame around every page: the skip link, navigation, preferences and who is signed in. An interface shows more in
 * it by a frame of its own around this one: an element with the attribute `status` goes next to the preferences' button,
 * one with `banner` above the page.
 */
@Component({
  selector: "ui-frame",
  imports: [Icon, PreferencesPanel, RouterLink, RouterOutlet],
  templateUrl: "./frame.html",
  styleUrl: "./frame.css",
})
export class Frame {
  protected readonly t = texts;
  readonly #document = inject(DOCUMENT);
  readonly #address = address();
  protected readonly options = inject(FRAME);
  readonly #sessions = this.options.signIn ? inject(SessionService) : null;

  protected readonly product = inject(PageTitle).product;
  protected readonly icons = { preferences: mdiTune };
  /** The page that is shown, or that what is shown belongs to. */
  protected readonly current = computed(() => `/${this.#address().split(/[/?#]/, 2)[1] ?? ""}`);
  protected readonly session = computed(() => this.#sessions?.current() ?? null);
  protected readonly navigable = computed(() => !this.#sessions || this.session() !== null);

  constructor() {
    focusOnNavigation();
    void this.#sessions?.load();
  }

  /** The page's own address with the fragment: a bare "#main" would be read from the language's folder. */
  protected skipHref(): string {
    return `${this.#address().split("#", 1)[0] ?? ""}#main`;
  }

  protected skip(event: Event): void {
    event.preventDefault();
    focusMain(this.#document);
  }

  protected signOut(): void {
    void this.#sessions?.signOut();
  }
}
