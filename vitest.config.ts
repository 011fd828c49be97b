import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const folders = "{actions,apps,scripts,terraform,gitops}/**";
const minutes = 60_000;

/**
 * Four kinds of tests. `unit` takes seconds and needs only git; `real` starts the parts that it tests against (the AWS
 * emulator, Terraform, PostgreSQL, Kubernetes, Chromium, ...), each file its own; the files of `docker` share the
 * machine's daemon and its names, so they run one after another; `live` has a whole world with a cluster in which apps
 * run, and takes an hour.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [`${folders}/*.test.ts`],
          exclude: ["**/node_modules/**", "**/*.{real,docker,live}.test.ts"],
          // vitest leaves one core to itself, which on a machine of two is half of it.
          maxWorkers: availableParallelism(),
          testTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "real",
          include: [`${folders}/*.real.test.ts`],
          // Those of the templates belong to an app that is written from them: scripts/new/app.real.test.ts runs them there.
          exclude: ["**/node_modules/**", "scripts/new/templates/**"],
          // What they start has work for more than one core: a file more at once would only make each slower.
          maxWorkers: 2,
          testTimeout: 5 * minutes,
          hookTimeout: 5 * minutes,
          sequence: { groupOrder: 2 },
        },
      },
      ...["docker", "live"].map((name) => ({
        test: {
          name,
          include: [`${folders}/*.${name}.test.ts`],
          exclude: ["**/node_modules/**"],
          fileParallelism: false,
          testTimeout: 5 * minutes,
          hookTimeout: 5 * minutes,
        },
      })),
    ],
  },
});
