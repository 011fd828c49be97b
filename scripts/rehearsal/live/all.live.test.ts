import { globSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { describeDeliveries } from "./deliveries.ts";
import { describeEnvironments } from "./environments.ts";
import { describeForeignTexts } from "./foreign-texts.ts";
import { type LiveWorld, liveWorld } from "./world.ts";

/** Tests of one app, in a world where it runs. @param of gives the world */
type DescribeApp = (of: () => LiveWorld) => void;
const root = join(import.meta.dirname, "../../..");

/** What each app brings as `apps/<app>/live.ts`. */
const described = await Promise.all(
  globSync("apps/*/live.ts", { cwd: root })
    .sort()
    .map(async (file) => ((await import(join(root, file))) as { default: DescribeApp }).default),
);

// One world for everything that needs one: it takes minutes to make, and its tests leave it as they found it.
let live: LiveWorld;
beforeAll(async () => {
  live = await liveWorld();
}, 30 * 60_000);
afterAll(() => live[Symbol.asyncDispose](), 120_000);

describeDeliveries(() => live);
for (const describe of described) describe(() => live);
describeForeignTexts(() => live);
describeEnvironments(() => live);
