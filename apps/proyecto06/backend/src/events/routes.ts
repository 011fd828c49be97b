import { type Api, Problem, sessionOf } from "@slipway/kit";
import { z } from "zod";
import type { AppContext } from "../context.ts";

/** What one replica holds open at most. */
const mostStreams = 1_000;

/** Adds the live view. */
export function addEventRoutes(api: Api, { hub, forPeople }: AppContext): void {
  api.get(
    "/api/events",
    {
      ...forPeople,
      tag: "deliveries",
      summary: "Deliveries as they change",
      description:
        "Server-sent events `delivery`: `id` rises, `data` is the row of the list. `Last-Event-ID` resumes, at any " +
        "replica, within a day.",
      response: z.string(),
      contentType: "text/event-stream",
      statuses: { 503: null },
    },
    async ({ request, response }) => {
      if (hub.streams.size >= mostStreams) throw new Problem(503, "Too many people watch here.", { retryAfter: 5 });
      if (request.method !== "HEAD") await hub.open(request, response, new Date(sessionOf(response).expiresAt));
      return "";
    },
  );
}
