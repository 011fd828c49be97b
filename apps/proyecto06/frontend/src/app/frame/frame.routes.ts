import type { Routes } from "@angular/router";
import { Frame } from "./frame";

/** The frame with all pages in it. Each page is loaded when it is first opened; its title is what tabs and screen readers say. */
export const routes: Routes = [
  {
    path: "",
    component: Frame,
    children: [
      { path: "", pathMatch: "full", redirectTo: "deliveries" },
      {
        path: "deliveries",
        title: $localize`:@@deliveries.title:Deliveries`,
        loadComponent: () => import("../deliveries/deliveries-page").then((m) => m.DeliveriesPage),
      },
      {
        path: "deliveries/:id",
        title: $localize`:@@delivery.title:Delivery`,
        loadComponent: () => import("../deliveries/delivery-page").then((m) => m.DeliveryPage),
      },
      {
        path: "environments",
        title: $localize`:@@environments.title:Environments`,
        loadComponent: () => import("../environments/environments-page").then((m) => m.EnvironmentsPage),
      },
      {
        path: "measures",
        title: $localize`:@@measures.title:Measures`,
        loadComponent: () => import("../measures/measures-page").then((m) => m.MeasuresPage),
      },
      {
        path: "receipts",
        title: $localize`:@@receipts.title:Receipts`,
        loadComponent: () => import("../receipts/receipts-page").then((m) => m.ReceiptsPage),
      },
      {
        path: "receipts/:id",
        title: $localize`:@@receipt.title:Receipt`,
        loadComponent: () => import("../receipts/receipt-page").then((m) => m.ReceiptPage),
      },
      {
        path: "sign-in",
        title: $localize`:@@signIn.title:Sign in`,
        loadComponent: () => import("../session/sign-in-page").then((m) => m.SignInPage),
      },
      {
        path: "**",
        title: $localize`:@@notFound.title:Page not found`,
        loadComponent: () => import("../core/not-found-page").then((m) => m.NotFoundPage),
      },
    ],
  },
];
