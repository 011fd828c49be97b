import { afterAll, beforeAll } from "vitest";
import { liveApps, liveReleases } from "./apps.ts";
import { describeDeliveries } from "./deliveries.ts";
import { describeEnvironments } from "./environments.ts";
import { describeForeignTexts } from "./foreign-texts.ts";
import { type LiveWorld, liveWorld } from "./world.ts";

const [apps, releases] = await Promise.all([liveApps(), liveReleases()]);

// One world for everything that needs one: it takes minutes to make, and its tests leave it as they found it.
let live: LiveWorld;
beforeAll(async () => {
  live = await liveWorld();
}, 30 * 60_000);
afterAll(() => live[Symbol.asyncDispose](), 120_000);

if (releases) describeDeliveries(() => live, releases);
for (const app of apps) app.default(() => live);
describeForeignTexts(() => live);
if (releases) describeEnvironments(() => live, releases);
