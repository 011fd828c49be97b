import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "./lib/core/process.ts";
import { actionNames } from "./bundle.ts";

let elsewhere: string;

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), "slipway-dist-"));
  await cp(join(import.meta.dirname, "dist"), join(elsewhere, "dist"), { recursive: true });
});

afterAll(() => rm(elsewhere, { recursive: true, force: true }));

test("there are actions to bundle", async () => {
  expect(await actionNames()).toEqual(expect.arrayContaining(["build", "infra", "plan", "release"]));
});

test.each(await actionNames())("%s runs from dist alone, without node_modules", async (name) => {
  const inputs = {
    INPUT_IMAGES: "guests-api",
    INPUT_ENVIRONMENT: "dev",
    INPUT_TOKEN: "none",
    INPUT_RESULTS: "plan: success",
    INPUT_CONFIG: "nowhere.yaml",
  };
  const result = await run(process.execPath, [join(elsewhere, "dist", `${name}.js`)], {
    cwd: elsewhere,
    okCodes: [1],
    env: { PATH: process.env.PATH, ...inputs },
  });
  // A report is sent whatever is wrong with the configuration, so it comes further.
  const refusal = name === "report" ? "GITHUB_REPOSITORY is not set." : "nowhere.yaml cannot be read (ENOENT).";
  expect(result.stdout).toContain(`::error::${refusal}`);
  expect(result.stderr).toBe("");
});
