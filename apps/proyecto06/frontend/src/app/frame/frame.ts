import { Component, computed, DOCUMENT, effect, inject } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { RouterLink, RouterOutlet } from "@angular/router";
import {
  mdiCheckDecagramOutline,
  mdiChartLine,
  mdiReceiptTextOutline,
  mdiServerNetworkOutline,
  mdiTune,
} from "@mdi/js";
import { address } from "../core/address";
import { Announcer } from "../core/announcer";
import { Live } from "../core/live";
import { focusMain, focusOnNavigation } from "../core/focus";
import { Sessions } from "../core/sessions";
import { changeAnnouncement } from "../shared/announcement";
import { Icon } from "../shared/icon";
import { PreferencesPanel } from "./preferences-panel";
import { texts } from "./texts";

/** The frame around every page: navigation, preferences, who is signed in, and whether the live connection is up. */
@Component({
  selector: "app-frame",
  imports: [Icon, PreferencesPanel, RouterLink, RouterOutlet],
  templateUrl: "./frame.html",
  styleUrl: "./frame.css",
})
export class Frame {
  protected readonly t = texts;
  readonly #document = inject(DOCUMENT);
  readonly #announcer = inject(Announcer);
  readonly #sessions = inject(Sessions);
  readonly #live = inject(Live);
  readonly #address = address();

  protected readonly icons = { preferences: mdiTune };
  protected readonly pages = [
    { path: "/deliveries", icon: mdiCheckDecagramOutline, label: $localize`:@@nav.deliveries:Deliveries` },
    { path: "/environments", icon: mdiServerNetworkOutline, label: $localize`:@@nav.environments:Environments` },
    { path: "/measures", icon: mdiChartLine, label: $localize`:@@nav.measures:Measures` },
    { path: "/receipts", icon: mdiReceiptTextOutline, label: $localize`:@@nav.receipts:Receipts` },
  ];
  /** The page that is shown, or that what is shown belongs to. */
  protected readonly current = computed(() => `/${this.#address().split(/[/?#]/, 2)[1] ?? ""}`);
  protected readonly session = this.#sessions.current;
  protected readonly lost = computed(() => this.#live.state() === "lost");
  protected readonly open = computed(() => this.#live.state() === "open");

  constructor() {
    focusOnNavigation();
    void this.#sessions.load();
    effect(() => {
      const session = this.session();
      if (session) this.#live.start();
      else if (session === null) this.#live.stop();
    });
    this.#live.changes.pipe(takeUntilDestroyed()).subscribe((change) => {
      void this.#announcer.say(changeAnnouncement(change));
    });
  }

  /** The page's own address with the fragment: a bare "#main" would be read from the language's folder. */
  protected skipHref(): string {
    return `${this.#address().split("#", 1)[0] ?? ""}#main`;
  }

  protected skip(event: Event): void {
    event.preventDefault();
    focusMain(this.#document);
  }

  protected retry(): void {
    this.#live.retry();
  }

  protected signOut(): void {
    void this.#sessions.signOut();
  }
}
