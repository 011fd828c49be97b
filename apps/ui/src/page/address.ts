import { inject, type Signal } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { ActivatedRoute, NavigationEnd, type ParamMap, Router } from "@angular/router";
import { filter, map } from "rxjs";

/** The address of the page that is shown, from its first slash, as a signal. Called where `inject()` may be. */
export function address(): Signal<string> {
  const router = inject(Router);
  const shown = router.events.pipe(
    filter((event) => event instanceof NavigationEnd),
    map((event) => event.urlAfterRedirects),
  );
  return toSignal(shown, { initialValue: router.url });
}

/** A parameter in the address's path, as a signal. Called where `inject()` may be. */
export function pathParameter(name: string): Signal<string> {
  return toSignal(inject(ActivatedRoute).paramMap.pipe(map((parameters) => parameters.get(name) ?? "")), {
    requireSync: true,
  });
}

/** The parameters after the address's question mark, as a signal. Called where `inject()` may be. */
export function queryParameters(): Signal<ParamMap> {
  return toSignal(inject(ActivatedRoute).queryParamMap, { requireSync: true });
}
