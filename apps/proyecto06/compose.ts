import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "vitest";
import type { ComposedApp } from "../../scripts/compose/app-checks.ts";

export const volumes = ["slipway-proyecto06_database-data"];

/** Answers at the three ports of its document, and lets one in by its link. */
export async function check({ origin, docker, logs }: ComposedApp): Promise<void> {
  const gateway = origin(80);
  expect(await (await fetch(`${gateway}/deliveries`)).text()).toContain("<app-root");
  for (const each of [gateway, origin(8000)]) expect((await fetch(`${each}/health/ready`)).status).toBe(200);
  const containers = await docker("ps", "--quiet", "--filter", "name=-backend-");
  const printed = (await Promise.all(containers.map(logs))).join("\n");
  const link = /\/api\/session\/first\?token=[\w-]+/.exec(printed)?.[0] ?? "";
  const signedIn = await fetch(gateway + link, { redirect: "manual" });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const answer = await fetch(`${gateway}/api/deliveries`, { headers: { cookie } });
  expect([answer.status, await answer.json()]).toEqual([200, { items: [], next: null }]);
  const { hostname, port } = new URL(origin(5432));
  const database = connect(Number(port), hostname);
  await once(database, "connect");
  database.destroy();
}
