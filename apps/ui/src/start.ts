import { APP_BASE_HREF } from "@angular/common";
import { provideBrowserGlobalErrorListeners } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { type LoadChildrenCallback, provideRouter, TitleStrategy } from "@angular/router";
import { PageTitle } from "./page/page-title";
import { Root } from "./root";

/**
 * Starts an interface in its page. What comes first is the framework and the router; the frame and all pages are in the
 * routes, which are loaded afterwards.
 *
 * @param loadChildren imports the routes, made by `frameRoutes`
 */
export function start(loadChildren: LoadChildrenCallback): void {
  // What goes wrong here reaches the browser's console as a rejection that nobody handled.
  void bootstrapApplication(Root, {
    providers: [
      provideBrowserGlobalErrorListeners(),
      provideRouter([{ path: "", loadChildren }]),
      // Pages have the same address in every language; only files are read from the language's folder (<base href>).
      { provide: APP_BASE_HREF, useValue: "/" },
      { provide: TitleStrategy, useExisting: PageTitle },
    ],
  });
}
