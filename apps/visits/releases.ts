import { expect } from "vitest";
import { get } from "../../scripts/rehearsal/live/checks.ts";
import type { LiveReleases } from "../../scripts/rehearsal/live/apps.ts";

const source = "apps/visits/api/src";

/** What deliveries are tried with in the live tests. */
export const releases: LiveReleases = {
  app: "visits",
  change: { path: `${source}/main.ts`, text: (text) => `${text}// Again.\n` },
  async serves(url) {
    expect(await get(`${url}/`)).toContain("Sistema Distribuido funcionando");
    expect(JSON.parse(await get(`${url}/hits`))).toHaveProperty("hits");
  },
  failing: [
    {
      name: "whose container crashes",
      path: `${source}/main.ts`,
      change: (text) =>
        before(text, "await runMain", 'process.stderr.write("no such setting: COLOUR\\n");\nprocess.exit(3);'),
      pod: /visits-api-/,
      reason: /exit code 3[\s\S]*no such setting: COLOUR/,
    },
    {
      name: "whose migration fails",
      path: `${source}/migrate.ts`,
      change: (text) => before(text, "  await migrate(", '  if (config) throw new Error("the schema refuses");'),
      pod: /visits-migration-/,
      reason: /the schema refuses/,
    },
    {
      name: "that never gets ready",
      path: `${source}/main.ts`,
      change: (text) => before(text, "  await runService(", "  context.health.draining = true;"),
      pod: /visits-api-/,
      reason: /not ready|[Rr]eadiness/,
    },
    {
      name: "whose image does not exist",
      path: "gitops/apps/visits/overlays/dev/images/kustomization.yaml",
      // A digest that nobody has: only the end of the first one changes.
      change: (text) => text.replace(/(sha256:[0-9a-f]{56})[0-9a-f]{8}/, "$100000000"),
      pod: /visits-/,
      reason: /pull|not found/i,
    },
  ],
};

/** Puts a statement before the part of a text that is certainly there. @throws Error when it is not */
function before(text: string, part: string, statement: string): string {
  if (!text.includes(part)) throw new Error(`There is no ${JSON.stringify(part)} any more to put a fault before.`);
  return text.replace(part, `${statement}\n${part}`);
}
