import { createLogger, createPool } from "@slipway/kit";
import { startPostgres, type TestPostgres } from "@slipway/kit/testing/postgres.ts";
import { startWorkflowIssuer, type TestWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import type {
  DeliverySummary,
  Environment,
  Measures,
  Page,
  Receipt,
  ReceiptSummary,
  Report,
} from "@slipway/proyecto06-contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { retain } from "./retention.ts";
import { databaseFor, delivery, digest, proof, type Replica, startReplica, teardown, testConfig } from "./testing.ts";

const parts = new AsyncDisposableStack();
let postgres: TestPostgres;
let issuer: TestWorkflowIssuer;

beforeAll(async () => {
  postgres = parts.use(await startPostgres());
  issuer = parts.use(await startWorkflowIssuer());
});
afterAll(() => parts.disposeAsync());

/** A replica with a database of its own. */
async function fresh(name: string) {
  const replica = parts.use(await startReplica(testConfig(await databaseFor(postgres, name, issuer))));
  let runs = 0;
  /** Reports runs one after another, each under the next id, as an actor. */
  const send = async (...reports: [change: Partial<Report>, actor?: string][]) => {
    for (const [change, actor = "somebody"] of reports) {
      runs += 1;
      const make = change.kind === "teardown" ? teardown : delivery;
      const token = await issuer.token({ run_id: String(runs), actor });
      const { status } = await replica.post("/api/reports", make({ run: String(runs), ...change }), token);
      expect(status).toBe(200);
    }
  };
  return { replica, send };
}

const day = (n: number, time = "12:00:00") => `2026-10-${String(n).padStart(2, "0")}T${time}.000Z`;

describe("the list", () => {
  let replica: Replica;
  beforeAll(async () => {
    const made = await fresh("list");
    replica = made.replica;
    await made.send(
      [{ startedAt: day(1), title: "Show 100% of history", author: "A user" }],
      [{ startedAt: day(2), title: "Fix under_score", author: "Another", outcome: "failed", proof: null }, "another"],
      [{ startedAt: day(3), title: "Measure", author: "A user", environment: "staging" }],
      [{ startedAt: day(3), title: "Measure again", author: "A user" }],
      [{ startedAt: day(4), kind: "teardown" }],
    );
  });

  const ids = async (query: string) => {
    const { status, body } = await replica.get<Page<DeliverySummary>>(`/api/deliveries?${query}`);
    expect(status).toBe(200);
    return body.items.map(({ id }) => id).join(" ");
  };

  test.each([
    ["", "5-1 4-1 3-1 2-1 1-1"],
    ["environment=staging", "3-1"],
    ["kind=teardown", "5-1"],
    ["outcome=failed", "2-1"],
    ["author=A%20user&kind=delivery", "4-1 3-1 1-1"],
    [`from=${day(2)}&to=${day(4)}`, "4-1 3-1 2-1"],
    ["search=MEASURE", "4-1 3-1"],
    ["search=another", "2-1"],
    ["search=aaaaaaa", "5-1 4-1 3-1 2-1 1-1"],
    // What LIKE takes for a pattern is looked for as it is.
    ["search=100%25", "1-1"],
    ["search=r_s", "2-1"],
    ["search=%25", "1-1"],
    ["search=%5C", ""],
    ["search=nowhere", ""],
    ["environment=staging&search=again", ""],
  ])("%s: %s", async (query, expected) => {
    expect(await ids(query)).toBe(expected);
  });

  test("pages follow each other without a gap or a row twice, also within one instant", async () => {
    const seen: string[] = [];
    let next: string | null = "";
    while (next !== null) {
      const cursor: string = next && `&cursor=${next}`;
      const { body } = await replica.get<Page<DeliverySummary>>(`/api/deliveries?limit=2${cursor}`);
      expect(body.items.length).toBeGreaterThan(0);
      seen.push(...body.items.map(({ id }) => id));
      next = body.next;
    }
    expect(seen.join(" ")).toBe("5-1 4-1 3-1 2-1 1-1");
  });

  test.each(["limit=0", "limit=201", "cursor=x", "outcome=good", "from=yesterday", "search=%00", "kind=a&kind=b"])(
    "%s is a 400",
    async (query) => {
      expect((await replica.get(`/api/deliveries?${query}`)).status).toBe(400);
    },
  );

  test("one that is not known is a 404, an id that is none a 400", async () => {
    expect((await replica.get("/api/deliveries/77-1")).status).toBe(404);
    for (const id of ["x", "1", "0-1", "1-0", "99999999999999999999-1"])
      expect((await replica.get(`/api/deliveries/${id}`)).status, id).toBe(400);
  });
});

describe("environments", () => {
  test("from the first delivery to the last receipt", async () => {
    const { replica, send } = await fresh("environments");
    const dev = async () => (await replica.get<{ items: Environment[] }>("/api/environments")).body.items[0];
    expect(await dev()).toBeUndefined();
    await send([{ startedAt: day(1), outcome: "running", finishedAt: null, proof: null }]);
    expect(await dev()).toMatchObject({
      name: "dev",
      state: "delivering",
      apps: [],
      lastProofAt: null,
      lastReceipt: null,
    });
    await send([{ startedAt: day(2) }]);
    expect(await dev()).toMatchObject({
      state: "live",
      apps: [
        {
          app: "visits",
          since: "2026-10-02T12:01:50.000Z",
          by: "somebody",
          delivery: "2-1",
          urls: ["http://visits.example.com"],
          images: [{ name: "visits-api", digest: digest("2"), keys: ["k1"] }],
          pods: 1,
        },
      ],
      lastDelivery: { id: "2-1", startedAt: day(2), committedAt: day(2, "11:59:30") },
      lastProofAt: "2026-10-02T12:01:50.000Z",
    });
    await send(
      [{ startedAt: day(3), outcome: "failed", proof: null }],
      [{ startedAt: day(4), outcome: "cancelled", proof: null }],
    );
    expect(await dev()).toMatchObject({ state: "failed", apps: [{ delivery: "2-1" }], lastDelivery: { id: "4-1" } });
    await send([{ startedAt: day(5), kind: "teardown", outcome: "running", finishedAt: null, receipt: null }]);
    expect((await dev())?.state).toBe("tearing-down");
    await send([{ startedAt: day(6), kind: "teardown" }]);
    expect(await dev()).toMatchObject({ state: "away", apps: [], lastReceipt: { id: "6-1", clean: true, kept: 1 } });
    // The same digests again, but not since then: they were away.
    await send([{ startedAt: day(7), proof: proof({ provenAt: day(7), apps: { visits: digest("2") } }) }, "another"]);
    expect(await dev()).toMatchObject({ state: "live", apps: [{ since: day(7), by: "another", delivery: "7-1" }] });
  });
});

describe("receipts", () => {
  test("are listed by environment, newest first, in pages, and given back whole", async () => {
    const { replica, send } = await fresh("receipts");
    const item = { title: "Volume", name: "vol-1", monthlyUsd: 8, why: null };
    const receipt: Receipt = {
      at: day(2),
      clean: false,
      seconds: 90.5,
      looks: 4,
      monthlyUsd: 8,
      keptMonthlyUsd: 0.4,
      items: [
        { ...item, class: "billable" },
        { ...item, class: "unknown", monthlyUsd: null },
        { ...item, class: "kept", why: "asked for" },
        { ...item, class: "free-residual" },
      ],
    };
    await send(
      [{ kind: "teardown", startedAt: day(1) }],
      [{ kind: "teardown", startedAt: day(2), receipt }],
      [{ kind: "teardown", startedAt: day(3), environment: "staging" }],
    );
    const { body: first } = await replica.get<Page<ReceiptSummary>>("/api/receipts?limit=2");
    expect(first.items.map(({ id }) => id)).toEqual(["3-1", "2-1"]);
    expect(first.items[1]).toEqual({
      id: "2-1",
      environment: "dev",
      at: day(2),
      ...{ clean: false, billable: 1, unknown: 1, kept: 1, monthlyUsd: 8, keptMonthlyUsd: 0.4 },
    });
    const { body: second } = await replica.get<Page<ReceiptSummary>>(`/api/receipts?limit=2&cursor=${first.next}`);
    expect([second.items.map(({ id }) => id), second.next]).toEqual([["1-1"], null]);
    const { body: staging } = await replica.get<Page<ReceiptSummary>>("/api/receipts?environment=staging");
    expect(staging.items.map(({ id }) => id)).toEqual(["3-1"]);
    expect((await replica.get("/api/receipts/2-1")).body).toEqual({ ...receipt, id: "2-1", environment: "dev" });
    expect((await replica.get("/api/receipts/9-1")).status).toBe(404);
  });
});

describe("measures", () => {
  const measures = async (replica: Replica, query: string) =>
    (await replica.get<Measures>(`/api/measures?${query}`)).body;
  const nothing = {
    deployments: 0,
    leadTimeMedian: null,
    leadTimeP90: null,
    changeFailureRate: null,
    recoveryMedian: null,
  };
  /** A delivery that took so many seconds from its commit to its proof. */
  const proven = (at: string, seconds: number, title = at): Partial<Report> => ({
    title,
    startedAt: at,
    finishedAt: at,
    committedAt: new Date(Date.parse(at) - seconds * 1_000).toISOString(),
    proof: proof({ provenAt: at, apps: { visits: digest(at) } }),
    release: { commit: "b".repeat(40), at, images: [{ app: "visits", name: "visits-api", digest: digest(at) }] },
  });
  const failed = (at: string): Partial<Report> => ({ ...proven(at, 0), outcome: "failed", proof: null });

  test("are those that one computes by hand", async () => {
    const { replica, send } = await fresh("measures");
    await send(
      // Monday 5 October: three deployments, in 100, 200 and 600 s.
      [proven(day(5, "09:00:00"), 100)],
      [proven(day(5, "10:00:00"), 200, "Colour it")],
      [proven(day(5, "11:00:00"), 600)],
      // Tuesday: a release that was not proven for 30 min, another for 10, then the proof; in 50 s.
      [failed(day(6, "10:00:00"))],
      [failed(day(6, "10:20:00"))],
      [proven(day(6, "10:30:00"), 50)],
      // Wednesday: the second of Monday's is taken back; nothing was released by a delivery that changed no image.
      [proven(day(7), 40, 'Revert "Colour it"')],
      [{ ...proven(day(7, "13:00:00"), 1), release: null }],
      // A build that failed released nothing, and is recovered from on the 13th.
      [{ ...failed(day(8)), release: null }],
      // The next week, elsewhere: it neither counts in dev nor recovers it.
      [{ ...proven(day(12), 10), environment: "staging" }],
      [proven(day(13), 10)],
    );
    const query = `environment=dev&from=${day(5, "00:00:00")}&to=${day(15, "00:00:00")}`;
    const daily = await measures(replica, `interval=day&${query}`);
    expect(daily.intervals).toHaveLength(10);
    expect(daily.intervals.slice(0, 5)).toEqual([
      // One of three was taken back.
      {
        start: day(5, "00:00:00"),
        ...{ deployments: 3, leadTimeMedian: 200, leadTimeP90: 520, changeFailureRate: 1 / 3, recoveryMedian: null },
      },
      // Two of three were not proven; recovered from after 30 and 10 minutes.
      {
        start: day(6, "00:00:00"),
        ...{ deployments: 1, leadTimeMedian: 50, leadTimeP90: 50, changeFailureRate: 2 / 3, recoveryMedian: 1_200 },
      },
      {
        start: day(7, "00:00:00"),
        ...{ deployments: 1, leadTimeMedian: 40, leadTimeP90: 40, changeFailureRate: 0, recoveryMedian: null },
      },
      { start: day(8, "00:00:00"), ...nothing, recoveryMedian: 5 * 86_400 },
      { start: day(9, "00:00:00"), ...nothing },
    ]);
    const weekly = await measures(replica, `interval=week&${query}`);
    const first = {
      deployments: 5,
      leadTimeMedian: 100,
      leadTimeP90: 440,
      changeFailureRate: 3 / 7,
      recoveryMedian: 1_800,
    };
    expect(weekly.intervals).toEqual([
      { start: day(5, "00:00:00"), ...first },
      {
        start: day(12, "00:00:00"),
        ...{ deployments: 1, leadTimeMedian: 10, leadTimeP90: 10, changeFailureRate: 0, recoveryMedian: null },
      },
    ]);
    // 10, 40, 50, 100, 200, 600.
    expect(weekly.total).toEqual({
      ...first,
      deployments: 6,
      leadTimeMedian: 75,
      leadTimeP90: 400,
      changeFailureRate: 3 / 8,
    });
    const everywhere = await measures(replica, `interval=month&from=${day(1)}&to=${day(30)}`);
    expect(everywhere).toMatchObject({ environment: null, total: { deployments: 7 }, intervals: [{ deployments: 7 }] });
    expect((await measures(replica, "environment=nowhere")).total).toEqual(nothing);
    expect((await replica.get(`/api/measures?from=${day(2)}&to=${day(1)}`)).status).toBe(400);
  });

  test("are the same in whatever order reports come, and when they come again", async () => {
    const past: [Partial<Report>][] = [
      [proven(day(5), 100, "Colour it")],
      [failed(day(6))],
      [proven(day(7), 40, 'Revert "Colour it"')],
      [failed(day(8))],
      [proven(day(9), 30)],
    ];
    const seen: Measures[] = [];
    for (const [index, order] of [past, past.toReversed(), [...past.slice(2), ...past, ...past]].entries()) {
      const { replica } = await fresh(`order${index}`);
      for (const [change] of order) {
        // Each keeps its own id, whenever it comes.
        const run = String(past.findIndex(([each]) => each === change) + 1);
        const { status } = await replica.post(
          "/api/reports",
          delivery({ run, ...change }),
          await issuer.token({ run_id: "9" }),
        );
        expect(status).toBe(200);
      }
      seen.push(await measures(replica, `interval=day&from=${day(5)}&to=${day(9)}`));
    }
    expect(seen[0]?.total).toMatchObject({ deployments: 3, changeFailureRate: 3 / 5, recoveryMedian: 86_400 });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });
});

test("what is old is forgotten; what runs keeps the delivery that brought it, and what was never heard of again ends", async () => {
  const { replica, send } = await fresh("retention");
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const at = (days: number, apps: Record<string, string>) => {
    return { startedAt: ago(days), finishedAt: ago(days), proof: proof({ provenAt: ago(days), apps }) };
  };
  await send(
    [at(500, { visits: digest("a") })],
    [{ ...at(450, { visits: digest("b") }), title: "Still running" }],
    [{ startedAt: ago(420), kind: "teardown", environment: "staging" }],
    [{ startedAt: ago(410), kind: "teardown", environment: "staging" }],
    [at(10, { visits: digest("b") })],
    [{ startedAt: ago(3), outcome: "running", finishedAt: null, proof: null }],
  );
  const { config } = replica.context;
  const pool = createPool(config, createLogger(config));
  await pool.query("UPDATE runs SET heard_at = now() - interval '2 days' WHERE outcome = 'running'");
  await pool.query("UPDATE events SET at = now() - interval '2 days' WHERE id < 3");
  const forgotten = await retain(pool, 400);
  expect(forgotten).toEqual({ runs: 2, measures: 2, events: 1, given_up: 1 });
  expect(await retain(pool, 400)).toEqual({ runs: 0, measures: 0, events: 0, given_up: 0 });
  const { rows } = await pool.query("SELECT (SELECT count(*) FROM stages WHERE run IN (1, 3))::int AS stages");
  await pool.end();
  expect(rows[0]).toEqual({ stages: 0 });
  const { body } = await replica.get<Page<DeliverySummary>>("/api/deliveries");
  expect(body.items.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
    "6-1 cancelled",
    "5-1 succeeded",
    "4-1 succeeded",
    "2-1 succeeded",
  ]);
  const { body: now } = await replica.get<{ items: Environment[] }>("/api/environments");
  expect(now.items[0]?.apps[0]?.delivery).toBe("2-1");
});
