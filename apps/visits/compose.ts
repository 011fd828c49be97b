import { expect } from "vitest";
import type { ComposedApp } from "../../scripts/compose/app-checks.ts";

export const volumes = ["slipway-visits_visits-database-data"];

/** Counts, shares requests among its replicas, and keeps its history when the database's container is another one. */
export async function check({ origin, docker, again }: ComposedApp): Promise<void> {
  const ask = async (path: string): Promise<Record<string, unknown>> => {
    const response = await fetch(origin(80) + path, { signal: AbortSignal.timeout(10_000) });
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };
  const hosts = new Set<unknown>();
  for (let count = 0; count < 10; count += 1) hosts.add((await ask("/")).hostname);
  expect(hosts.size).toBeGreaterThanOrEqual(2);
  expect(await ask("/hits")).toMatchObject({ hits: 1 });
  expect(await ask("/hits")).toMatchObject({ hits: 2 });
  const [api] = await docker("ps", "--quiet", "--filter", "name=visits-api-replicas");
  const inspected = await docker("inspect", api ?? "", "--format", "{{.HostConfig.ReadonlyRootfs}} {{.Config.User}}");
  expect(inspected).toEqual(["true 1000:1000"]);

  // Another container with the same data, as after a deleted pod.
  await docker("rm", "--force", ...(await docker("ps", "--quiet", "--filter", "name=visits-database")));
  await again();
  expect(await ask("/hits")).toMatchObject({ hits: 3 });
}
