import { afterNextRender, DestroyRef, DOCUMENT, inject, Injector } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { NavigationEnd, Router } from "@angular/router";
import { filter, map, pairwise } from "rxjs";

/**
 * After a change of page (not of a filter in its address) the focus goes to the page's heading, as it would after a
 * page load: a screen reader then reads it, and Tab goes on from there. A page that is opened begins at its top; one
 * that is gone back to is where the browser left it. Called where `inject()` may be.
 */
export function focusOnNavigation(): void {
  const document = inject(DOCUMENT);
  const injector = inject(Injector);
  const router = inject(Router);
  router.events
    .pipe(
      filter((event) => event instanceof NavigationEnd),
      map((event) => ({ path: event.urlAfterRedirects.split(/[?#]/, 1)[0], back: isBack(router) })),
      pairwise(),
      filter(([before, after]) => before.path !== after.path),
      takeUntilDestroyed(inject(DestroyRef)),
    )
    .subscribe(([, { back }]) => {
      afterNextRender(
        {
          read: () => {
            if (!back) document.defaultView?.scrollTo(0, 0);
            focusMain(document);
          },
        },
        { injector },
      );
    });
}

/** Moves the focus to the page's heading, or to the page where there is none yet. */
export function focusMain(document: Document): void {
  const heading = document.querySelector<HTMLElement>("main h1") ?? document.querySelector<HTMLElement>("main");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}

function isBack(router: Router): boolean {
  return router.currentNavigation()?.trigger === "popstate";
}
