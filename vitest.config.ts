import { defineConfig } from "vitest/config";

/**
 * Three kinds of tests. `unit` takes seconds and needs only git; `real` starts the parts that it tests against
 * (Docker, the AWS emulator, Terraform, PostgreSQL, ...), so its files run one after another; `live` has a whole world
 * with a cluster in which apps run, and takes about twenty minutes.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["{actions,apps,scripts,gitops}/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.{real,live}.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "real",
          include: ["{actions,apps,scripts,terraform,gitops}/**/*.real.test.ts"],
          exclude: ["**/node_modules/**"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "live",
          include: ["scripts/**/*.live.test.ts"],
          exclude: ["**/node_modules/**"],
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
    ],
  },
});
