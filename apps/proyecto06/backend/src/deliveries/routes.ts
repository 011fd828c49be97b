import { type Api, Problem } from "@slipway/kit";
import { z } from "zod";
import type { AppContext } from "../context.ts";
import { deliverySchema, idSchema, pageSchema, summarySchema } from "@slipway/contract/schemas.ts";
import { deliveriesQuerySchema } from "./schemas.ts";

/** Adds the list of deliveries and teardowns, and one of them whole. */
export function addDeliveryRoutes(api: Api, { deliveries, forPeople }: AppContext): void {
  const tag = "deliveries";
  api.get(
    "/api/deliveries",
    {
      ...forPeople,
      tag,
      summary: "Deliveries and teardowns, newest first",
      query: deliveriesQuerySchema,
      response: pageSchema(summarySchema),
    },
    ({ query }) => deliveries.page(query),
  );
  api.get(
    "/api/deliveries/:id",
    {
      ...forPeople,
      tag,
      summary: "One delivery or teardown, whole",
      params: z.object({ id: idSchema }),
      response: deliverySchema,
      statuses: { 404: null },
    },
    async ({ params }) => {
      const found = await deliveries.find(params.id);
      if (!found) throw new Problem(404, "No such delivery is known.");
      return found;
    },
  );
}
