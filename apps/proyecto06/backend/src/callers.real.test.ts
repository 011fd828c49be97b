import { documentedRoutes } from "@slipway/kit/testing/routes.ts";
import { startPostgres } from "@slipway/kit/testing/postgres.ts";
import { foreignRuns, startWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import type { Response } from "express";
import { expect, test } from "vitest";
import type { AppContext } from "./context.ts";
import { databaseFor, delivery, startReplica, testConfig } from "./testing.ts";

/** What each caller gets of each route, asked at the console itself: the table of ../../access.json (`vitest -u` writes it). */
test("every caller gets of every route what the table says, and no more", async () => {
  await using parts = new AsyncDisposableStack();
  const postgres = parts.use(await startPostgres());
  const issuer = parts.use(await startWorkflowIssuer());
  const config = testConfig(await databaseFor(postgres, "callers", issuer));
  const one = parts.use(await startReplica(config));
  await one.post("/api/reports", delivery({ run: "1" }), await issuer.token({ run_id: "1" }));
  const viewer = await sealed(one.context);
  const callers: Record<string, () => Promise<Record<string, string>>> = {
    anonymous: async () => ({}),
    "signed-in viewer": async () => ({ Cookie: viewer }),
    "one-time-link session": async () => ({ Cookie: one.cookie }),
    "delivering workflow": async () => ({ Authorization: `Bearer ${await issuer.token()}` }),
    "pull request's workflow": async () => ({
      Authorization: `Bearer ${await issuer.token(foreignRuns["a pull request"])}`,
    }),
  };
  const document = (await one.get<Parameters<typeof documentedRoutes>[0]>("/openapi.json")).body;
  const table: Record<string, string[]> = {};
  for (const [name, headers] of Object.entries(callers)) {
    table[name] = [];
    for (const route of documentedRoutes(document).sort()) {
      const [method = "", path = ""] = route.split(" ");
      const body = method === "post" ? { body: "{}" } : {};
      const answer = await fetch(one.origin + path.replace("{id}", "1-1"), {
        method: method.toUpperCase(),
        redirect: "manual",
        ...body,
        headers: { ...(await headers()), "Content-Type": "application/json" },
      });
      await answer.body?.cancel();
      expect(answer.status, `${name}: ${route}`).toBeLessThan(500);
      if (answer.status !== 401 && answer.status !== 403) table[name].push(route);
    }
  }
  const metrics = `http://127.0.0.1:${one.service.metricsPort}`;
  const reached = async (path: string) => (await fetch(metrics + path)).status < 400;
  table["metrics port, by anybody who reaches it"] = [];
  for (const path of ["/metrics", "/api/deliveries", "/api/session/options", "/health"])
    if (await reached(path)) table["metrics port, by anybody who reaches it"].push(`get ${path}`);
  await expect(`${JSON.stringify(table, null, 2)}\n`).toMatchFileSnapshot("../../access.json");
});

/** The cookie of somebody whom an issuer has let in. */
async function sealed({ sessions }: AppContext): Promise<string> {
  let cookie = "";
  const response = { cookie: (name: string, value: string) => (cookie = `${name}=${value}`) };
  await sessions.begin(response as unknown as Response, { name: "A user", by: "oidc" });
  return cookie;
}
