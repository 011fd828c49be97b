import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseConfig } from "../../actions/lib/config.ts";
import { withSettings } from "./person.ts";

it("sets in slipway.yaml what a new user sets, and keeps the rest with its comments", async () => {
  const text = await readFile(join(import.meta.dirname, "..", "..", "slipway.yaml"), "utf8");
  const changed = withSettings(text, { account: "012345678901", repository: "an-owner/a-name", branch: "trunk" });
  const config = parseConfig(changed);
  expect(config.aws.account).toBe("012345678901");
  expect(config.git).toMatchObject({ repository: "an-owner/a-name", branch: "trunk" });
  const comments = (yaml: string) => yaml.match(/#.*/g) ?? [];
  expect(comments(changed)).toEqual(comments(text));
  expect({ ...config, aws: {}, git: {} }).toEqual({ ...parseConfig(text), aws: {}, git: {} });
});
