import type { Measures, RunReport } from "@slipway/contract";
import { describe, expect, test } from "vitest";
import { useFixture } from "../test-fixture.ts";
import { day, delivery, digest, proof, type Replica } from "../testing.ts";

const fixture = useFixture();

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
  const proven = (at: string, seconds: number, title = at): Partial<RunReport> => ({
    title,
    startedAt: at,
    finishedAt: at,
    committedAt: new Date(Date.parse(at) - seconds * 1_000).toISOString(),
    proof: proof({ provenAt: at, apps: { visits: digest(at) } }),
    release: { commit: "b".repeat(40), at, images: [{ app: "visits", name: "visits-api", digest: digest(at) }] },
  });
  const failed = (at: string): Partial<RunReport> => ({ ...proven(at, 0), outcome: "failed", proof: null });

  test("are those that one computes by hand", async () => {
    const { replica, send } = await fixture.fresh("measures");
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
        deployments: 3,
        leadTimeMedian: 200,
        leadTimeP90: 520,
        changeFailureRate: 1 / 3,
        recoveryMedian: null,
      },
      // Two of three were not proven; recovered from after 30 and 10 minutes.
      {
        start: day(6, "00:00:00"),
        deployments: 1,
        leadTimeMedian: 50,
        leadTimeP90: 50,
        changeFailureRate: 2 / 3,
        recoveryMedian: 1_200,
      },
      {
        start: day(7, "00:00:00"),
        deployments: 1,
        leadTimeMedian: 40,
        leadTimeP90: 40,
        changeFailureRate: 0,
        recoveryMedian: null,
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
        deployments: 1,
        leadTimeMedian: 10,
        leadTimeP90: 10,
        changeFailureRate: 0,
        recoveryMedian: null,
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
    const past: [Partial<RunReport>][] = [
      [proven(day(5), 100, "Colour it")],
      [failed(day(6))],
      [proven(day(7), 40, 'Revert "Colour it"')],
      [failed(day(8))],
      [proven(day(9), 30)],
    ];
    const seen: Measures[] = [];
    for (const [index, order] of [past, past.toReversed(), [...past.slice(2), ...past, ...past]].entries()) {
      const { replica } = await fixture.fresh(`order${index}`);
      for (const [change] of order) {
        // Each keeps its own id, whenever it comes.
        const run = String(past.findIndex(([each]) => each === change) + 1);
        const { status } = await replica.post(
          "/api/reports",
          delivery({ run, ...change }),
          await fixture.token({ run_id: "9" }),
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
