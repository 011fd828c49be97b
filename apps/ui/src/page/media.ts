import { DestroyRef, DOCUMENT, inject, type Signal, signal } from "@angular/core";

/** Whether a media query holds, as a signal. Called where `inject()` may be. */
export function media(query: string): Signal<boolean> {
  const list = inject(DOCUMENT).defaultView?.matchMedia(query);
  const matches = signal(list?.matches ?? false);
  const update = (event: MediaQueryListEvent) => {
    matches.set(event.matches);
  };
  list?.addEventListener("change", update);
  inject(DestroyRef).onDestroy(() => {
    list?.removeEventListener("change", update);
  });
  return matches;
}

/** Below this width a list is cards instead of a table, and the navigation is at the bottom: the same value is in CSS. */
export const phone = "(max-width: 47.99rem)";
