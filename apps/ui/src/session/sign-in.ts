import { Component, computed, inject, input } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import { mdiAlertCircle } from "@mdi/js";
import { apiResource } from "../api/api";
import { FRAME } from "../frame/frame-options";
import { Icon } from "../icon";
import { queryParameters } from "../page/address";
import { ProblemPanel } from "../states/problem-panel";
import { Skeleton } from "../states/skeleton";
import { returnPath } from "./return-path";
import { SessionService } from "./sessions";
import { problems, texts } from "./texts";

/** How one may sign in, as the service kit's `GET /api/session/options` says it. */
export interface SignInChoices {
  /** What the button says, such as `GitHub`; null where no issuer is configured. */
  issuer: string | null;
  oneTimeLink: boolean;
}

/**
 * The page at `/sign-in`, by the service kit's sign-in routes: with the configured issuer, with a one-time link, or how
 * to get one. An interface shows it in a page of its own, with its own words about itself.
 */
@Component({
  selector: "ui-sign-in",
  imports: [Icon, MatButton, ProblemPanel, RouterLink, Skeleton],
  templateUrl: "./sign-in.html",
  styleUrl: "./sign-in.css",
})
export class SignInForm {
  protected readonly t = texts;
  // Among them where the person wanted to go.
  readonly #parameters = queryParameters();

  /** What there is to see for those who sign in. */
  readonly lead = input.required<string>();
  /** The command that shows a one-time link to whoever runs the service. */
  readonly linkCommand = input("");

  protected readonly home = inject(FRAME).home;
  protected readonly session = inject(SessionService).current;
  protected readonly options = apiResource<SignInChoices>(() => ({ path: "/api/session/options" }));
  protected readonly icons = { problem: mdiAlertCircle };
  /** Why the backend sent somebody back here; nothing for a reason that it has not. */
  protected readonly problem = computed(() => problems.get(this.#parameters().get("problem") ?? ""));
  // The backend's page: an ordinary link, which the router leaves alone.
  protected readonly href = computed(
    () => `/api/session/sign-in?return=${encodeURIComponent(returnPath(this.#parameters().get("return")))}`,
  );
}
