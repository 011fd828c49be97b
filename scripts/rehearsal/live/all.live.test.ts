import { afterAll, beforeAll } from "vitest";
import { describeConsole } from "./console.ts";
import { describeDeliveries } from "./deliveries.ts";
import { describeEnvironments } from "./environments.ts";
import { describeForeignTexts } from "./foreign-texts.ts";
import { describeVisits } from "./visits.ts";
import { type LiveWorld, liveWorld } from "./world.ts";

// One world for everything that needs one: it takes minutes to make, and its tests leave it as they found it.
let live: LiveWorld;
beforeAll(async () => {
  live = await liveWorld();
}, 30 * 60_000);
afterAll(() => live[Symbol.asyncDispose](), 120_000);

describeVisits(() => live);
describeDeliveries(() => live);
describeConsole(() => live);
describeForeignTexts(() => live);
describeEnvironments(() => live);
