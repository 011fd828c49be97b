import { expect, test } from "vitest";
import { startReplica, testConfig } from "./testing.ts";

test("it says who answers", async () => {
  await using replica = await startReplica(testConfig({ SERVICE_VERSION: "registry/APP-api@sha256:1" }));
  expect(await replica.ask("/api/hello")).toEqual({
    status: 200,
    body: { app: "APP", hostname: "pod-1", version: "sha256:1" },
  });
});

test("it is alive, whatever it waits for", async () => {
  await using replica = await startReplica();
  expect(await replica.ask("/health/live")).toEqual({ status: 200, body: { status: "live" } });
});
// if database

test("without its database it is neither ready nor counting", async () => {
  await using replica = await startReplica();
  expect(await replica.ask("/health/ready")).toMatchObject({ status: 503, body: { checks: { database: "down" } } });
  expect((await replica.ask("/api/count", { method: "POST" })).status).toBe(503);
});
// end

test("its routes are documented", async () => {
  await using replica = await startReplica();
  const { body } = await replica.ask("/openapi.json");
  expect(body).toMatchObject({
    paths: {
      "/api/hello": { get: {} },
      // if database
      "/api/count": { get: {}, post: {} },
      // end
    },
  });
});
