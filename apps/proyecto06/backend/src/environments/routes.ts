import type { Api } from "@slipway/kit";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { environmentSchema } from "./schemas.ts";

/** Adds what runs where now. */
export function addEnvironmentRoutes(api: Api, { environments, forPeople }: AppContext): void {
  const response = z.object({ items: z.array(environmentSchema) });
  api.get(
    "/api/environments",
    { ...forPeople, tag: "environments", summary: "What runs where, since when, by whom", response },
    async () => ({ items: await environments.all() }),
  );
}
