import { start } from "@slipway/ui/start";

start(() => import("./app/routes").then((m) => m.routes));
