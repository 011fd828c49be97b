import { z } from "zod";
import { runCommand } from "./command.ts";
import { seed } from "./seed/seed.ts";

const variables = { SEED_RUNS: z.coerce.number().int().min(1).max(10_000_000).default(100_000) };

await runCommand("proyecto06-seed", variables, async ({ pool, logger, config }) => {
  const start = performance.now();
  await seed(pool, config.SEED_RUNS);
  logger.info({ runs: config.SEED_RUNS, seconds: Math.round((performance.now() - start) / 1_000) }, "seeded");
});
