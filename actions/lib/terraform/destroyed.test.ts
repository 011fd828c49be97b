import { expect, it } from "vitest";
import { parseConfig } from "../config/config.ts";
import { destroyedUnasked, readDestroyed, writeDestroyed } from "./destroyed.ts";
import { appliedKey, readApplied, writeApplied } from "./fingerprint.ts";
import { memoryStore } from "../../testing/terraform/state-store.ts";

const key = "environments/dev/terraform.tfstate";

const record = { fingerprint: "sha256:0", state: "{}", commit: "0", appliedAt: "now", by: "a run", outputs: {} };

it("replaces what is known of the last apply, and keeps its own beginning", async () => {
  const store = memoryStore({ [key]: "{}" });
  await writeApplied(store, key, record);
  expect(await readDestroyed(store, key)).toBeUndefined();
  await writeDestroyed(store, key);
  expect(await readApplied(store, key)).toBeUndefined();
  const destroyed = await readDestroyed(store, key);
  expect(Date.parse(destroyed?.since ?? "")).toBeGreaterThan(Date.now() - 60_000);
  await writeDestroyed(store, key);
  expect(await readDestroyed(store, key)).toEqual(destroyed);
});

it("is over with the next apply", async () => {
  const store = memoryStore({ [key]: "{}" });
  await writeDestroyed(store, key);
  await writeApplied(store, key, record);
  expect(await readDestroyed(store, key)).toBeUndefined();
  expect(await readApplied(store, key)).toEqual(record);
});

it("is not a note when it cannot be read", async () => {
  const store = memoryStore({ [key]: "{}" });
  await store.write(appliedKey(key), "{");
  expect(await readDestroyed(store, key)).toBeUndefined();
});

it.each([
  ["push", true],
  ["schedule", true],
  ["workflow_dispatch", false],
])("after a run by %s, asks whether the environment was taken away: %s", async (event, asks) => {
  const config = parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: demo/platform }
environments: { dev: { cluster: { publicAccessCidrs: [0.0.0.0/0] } } }
`);
  const credentials = () => Promise.reject(new Error("AWS was asked."));
  const answer = destroyedUnasked({ config, environment: "dev", credentials }, { GITHUB_EVENT_NAME: event });
  if (asks) await expect(answer).rejects.toThrow("AWS was asked.");
  else await expect(answer).resolves.toBeUndefined();
});
