import { Api } from "@slipway/kit";
import { z } from "zod";
import type { AppContext } from "./context.ts";

const hello = z.object({ app: z.string(), hostname: z.string(), version: z.string() });
// if database
const counted = z.object({ count: z.int() });
// end

/** The service's routes. */
export function createApi(context: AppContext): Api {
  const { HOSTNAME: hostname, SERVICE_VERSION: version } = context.config;
  const api = new Api({ title: "APP", version, description: "The service of APP." });
  api.get("/api/hello", { summary: "Who answers", response: hello }, () => ({ app: "APP", hostname, version }));
  // if database
  api.get("/api/count", { summary: "How many clicks there were", response: counted }, async () => ({
    count: await context.counter.read(),
  }));
  api.post("/api/count", { summary: "Count a click", response: counted }, async () => ({
    count: await context.counter.add(),
  }));
  // end
  return api;
}
