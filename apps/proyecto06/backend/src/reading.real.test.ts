import { createLogger, createPool } from "@slipway/kit";
import type { DeliverySummary, EnvironmentSummary, Page, ReportedReceipt, ReceiptSummary } from "@slipway/contract";
import { beforeAll, describe, expect, test } from "vitest";
import { retain } from "./retention.ts";
import { useFixture } from "./test-fixture.ts";
import { day, digest, proof, type Replica } from "./testing.ts";

const fixture = useFixture();

describe("the list", () => {
  let replica: Replica;
  beforeAll(async () => {
    const made = await fixture.fresh("list");
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

  test("one that is not known is a 404, an invalid id is a 400", async () => {
    expect((await replica.get("/api/deliveries/77-1")).status).toBe(404);
    for (const id of ["x", "1", "0-1", "1-0", "99999999999999999999-1"])
      expect((await replica.get(`/api/deliveries/${id}`)).status, id).toBe(400);
  });
});

describe("environments", () => {
  test("from the first delivery to the last receipt", async () => {
    const { replica, send } = await fixture.fresh("environments");
    const dev = async () => (await replica.get<{ items: EnvironmentSummary[] }>("/api/environments")).body.items[0];
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
    const { replica, send } = await fixture.fresh("receipts");
    const item = { title: "Volume", name: "vol-1", monthlyUsd: 8, why: null };
    const receipt: ReportedReceipt = {
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
      clean: false,
      billable: 1,
      unknown: 1,
      kept: 1,
      monthlyUsd: 8,
      keptMonthlyUsd: 0.4,
    });
    const { body: second } = await replica.get<Page<ReceiptSummary>>(`/api/receipts?limit=2&cursor=${first.next}`);
    expect([second.items.map(({ id }) => id), second.next]).toEqual([["1-1"], null]);
    const { body: staging } = await replica.get<Page<ReceiptSummary>>("/api/receipts?environment=staging");
    expect(staging.items.map(({ id }) => id)).toEqual(["3-1"]);
    expect((await replica.get("/api/receipts/2-1")).body).toEqual({ ...receipt, id: "2-1", environment: "dev" });
    expect((await replica.get("/api/receipts/9-1")).status).toBe(404);
  });
});

test("what is old is forgotten; what runs keeps the delivery that brought it, and what was never heard of again ends", async () => {
  const { replica, send } = await fixture.fresh("retention");
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
  const { body: now } = await replica.get<{ items: EnvironmentSummary[] }>("/api/environments");
  expect(now.items[0]?.apps[0]?.delivery).toBe("2-1");
});
