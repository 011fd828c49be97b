import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { startWorkflowIssuer, type TestWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import type { RunReport } from "@slipway/contract";
import { afterAll, beforeAll } from "vitest";
import { databaseFor, delivery, type Replica, startReplica, teardown, testConfig } from "./testing.ts";

/** Reports runs one after another, each under the next id, as an actor. @throws Error when one is not taken */
type Send = (...reports: [change: Partial<RunReport>, actor?: string][]) => Promise<void>;

/** Starts PostgreSQL and an issuer for the tests of the file that calls it, and ends them, with all replicas. */
export function useFixture() {
  const parts = new AsyncDisposableStack();
  let postgres: TestPostgres;
  let issuer: TestWorkflowIssuer;
  beforeAll(async () => {
    postgres = parts.use(await startPostgres());
    issuer = parts.use(await startWorkflowIssuer());
  });
  afterAll(() => parts.disposeAsync());
  return {
    /** A replica with a database of its own, whose runs have the ids 1, 2, 3, ... */
    async fresh(name: string): Promise<{ replica: Replica; send: Send }> {
      const replica = parts.use(await startReplica(testConfig(await databaseFor(postgres, name, issuer))));
      let runs = 0;
      const send: Send = async (...reports) => {
        for (const [change, actor = "somebody"] of reports) {
          runs += 1;
          const make = change.kind === "teardown" ? teardown : delivery;
          const token = await issuer.token({ run_id: String(runs), actor });
          const { status } = await replica.post("/api/reports", make({ run: String(runs), ...change }), token);
          if (status !== 200) throw new Error(`run ${runs} was answered with ${status}`);
        }
      };
      return { replica, send };
    },
    /** The token of a run. */
    token: (claims: Parameters<TestWorkflowIssuer["token"]>[0]) => issuer.token(claims),
  };
}
