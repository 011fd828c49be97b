import type { Routes } from "@angular/router";

export const routes: Routes = [{ path: "", loadChildren: () => import("./frame/frame.routes").then((m) => m.routes) }];
