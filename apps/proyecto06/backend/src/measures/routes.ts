import type { Api } from "@slipway/kit";
import type { AppContext } from "../context.ts";
import { measuresQuerySchema, measuresSchema } from "./schemas.ts";

/** Adds the DORA measures. */
export function addMeasureRoutes(api: Api, { measures, forPeople }: AppContext): void {
  api.get(
    "/api/measures",
    {
      ...forPeople,
      tag: "measures",
      summary: "The four DORA measures over time",
      description: "By whole days in UTC; weeks begin on Monday. https://dora.dev/guides/dora-metrics-four-keys/",
      query: measuresQuerySchema,
      response: measuresSchema,
    },
    ({ query }) => measures.read(query),
  );
}
