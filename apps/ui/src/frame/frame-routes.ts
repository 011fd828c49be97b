import type { Type } from "@angular/core";
import type { Routes } from "@angular/router";
import { Frame } from "./frame";
import { FRAME, type FrameOptions } from "./frame-options";

/**
 * An interface's routes: the frame with all pages in it, the first page, and an answer for addresses that do not exist.
 *
 * @param options what the frame shows
 * @param pages loaded when they are first opened (`loadComponent`); the `title` is what tabs and screen readers say
 * @param frame a frame of the interface's own around `ui-frame`, where it shows more
 */
export function frameRoutes(options: FrameOptions, pages: Routes, frame: Type<unknown> = Frame): Routes {
  return [
    {
      path: "",
      component: frame,
      providers: [{ provide: FRAME, useValue: options }],
      children: [
        { path: "", pathMatch: "full", redirectTo: options.home.path },
        ...pages,
        ...(options.signIn
          ? [{ path: "sign-in", title: $localize`:@@signIn.title:Sign in`, loadComponent: options.signIn }]
          : []),
        {
          path: "**",
          title: $localize`:@@notFound.title:Page not found`,
          loadComponent: () => import("./not-found-page").then((m) => m.NotFoundPage),
        },
      ],
    },
  ];
}
