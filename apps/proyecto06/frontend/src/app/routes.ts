import { mdiChartLine, mdiCheckDecagramOutline, mdiReceiptTextOutline, mdiServerNetworkOutline } from "@mdi/js";
import type { FrameOptions } from "@slipway/ui/frame/frame-options";
import { frameRoutes } from "@slipway/ui/frame/frame-routes";
import { ConsoleFrame } from "./frame/frame";

const options: FrameOptions = {
  mark: [
    { path: "M4 20h24l-3.600 5.900a2.200 2.200 0 0 1-1.900 1.100H9.500a2.200 2.200 0 0 1-1.900-1.100z" },
    { path: "M15 4v13H6zm2 3.500L25 17h-8z", accent: true },
  ],
  home: {
    path: "/deliveries",
    label: $localize`:@@nav.home:Slipway, to the deliveries`,
    link: $localize`:@@home.link:See the deliveries`,
  },
  pages: [
    { path: "/deliveries", icon: mdiCheckDecagramOutline, label: $localize`:@@nav.deliveries:Deliveries` },
    { path: "/environments", icon: mdiServerNetworkOutline, label: $localize`:@@nav.environments:Environments` },
    { path: "/measures", icon: mdiChartLine, label: $localize`:@@nav.measures:Measures` },
    { path: "/receipts", icon: mdiReceiptTextOutline, label: $localize`:@@nav.receipts:Receipts` },
  ],
  signIn: () => import("./session/sign-in-page").then((m) => m.SignInPage),
};

/** The frame with all pages in it. Each page is loaded when it is first opened; its title is what tabs and screen readers say. */
export const routes = frameRoutes(
  options,
  [
    {
      path: "deliveries",
      title: $localize`:@@deliveries.title:Deliveries`,
      loadComponent: () => import("./deliveries/deliveries-page").then((m) => m.DeliveriesPage),
    },
    {
      path: "deliveries/:id",
      title: $localize`:@@delivery.title:Delivery`,
      loadComponent: () => import("./deliveries/delivery-page").then((m) => m.DeliveryPage),
    },
    {
      path: "environments",
      title: $localize`:@@environments.title:Environments`,
      loadComponent: () => import("./environments/environments-page").then((m) => m.EnvironmentsPage),
    },
    {
      path: "measures",
      title: $localize`:@@measures.title:Measures`,
      loadComponent: () => import("./measures/measures-page").then((m) => m.MeasuresPage),
    },
    {
      path: "receipts",
      title: $localize`:@@receipts.title:Receipts`,
      loadComponent: () => import("./receipts/receipts-page").then((m) => m.ReceiptsPage),
    },
    {
      path: "receipts/:id",
      title: $localize`:@@receipt.title:Receipt`,
      loadComponent: () => import("./receipts/receipt-page").then((m) => m.ReceiptPage),
    },
  ],
  ConsoleFrame,
);
