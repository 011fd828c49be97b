import { Component, computed, inject } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import { mdiAlertCircle } from "@mdi/js";
import type { SignInOptions } from "@slipway/proyecto06-contract";
import { queryParameters } from "../core/address";
import { apiResource } from "../core/api";
import { Icon } from "../shared/icon";
import { Sessions } from "../core/sessions";
import { ProblemPanel } from "../shared/problem-panel";
import { Skeleton } from "../shared/skeleton";
import { returnPath } from "./return-path";
import { texts } from "./texts";

/** `/sign-in`: by the configured issuer, by a one-time link, or how to get one. */
@Component({
  selector: "app-sign-in-page",
  imports: [Icon, MatButton, ProblemPanel, RouterLink, Skeleton],
  templateUrl: "./sign-in-page.html",
  styleUrl: "./sign-in-page.css",
})
export class SignInPage {
  protected readonly t = texts;
  // Among them where the person wanted to go.
  readonly #parameters = queryParameters();

  protected readonly session = inject(Sessions).current;
  protected readonly options = apiResource<SignInOptions>(() => ({ path: "/api/session/options" }));
  protected readonly icons = { problem: mdiAlertCircle };
  /** Why the backend sent somebody back here; nothing for a reason that it has not. */
  protected readonly problem = computed(() =>
    new Map(Object.entries(texts.problem)).get(this.#parameters().get("problem") ?? ""),
  );
  // The backend's page: an ordinary link, which the router leaves alone.
  protected readonly href = computed(
    () => `/api/session/sign-in?return=${encodeURIComponent(returnPath(this.#parameters().get("return")))}`,
  );
}
