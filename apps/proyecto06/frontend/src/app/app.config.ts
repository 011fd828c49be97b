import { APP_BASE_HREF } from "@angular/common";
import { type ApplicationConfig, provideBrowserGlobalErrorListeners } from "@angular/core";
import { provideRouter, TitleStrategy } from "@angular/router";
import { routes } from "./app.routes";
import { PageTitle } from "./core/page-title";

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideRouter(routes),
    // Pages have the same address in every language; only files are read from the language's folder (<base href>).
    { provide: APP_BASE_HREF, useValue: "/" },
    { provide: TitleStrategy, useExisting: PageTitle },
  ],
};
