import { describe, expect, test } from "vitest";
import { addressOf, countOf, type DeliveryFilter, filterOf, matches, queryOf } from "./filter";
import { rowOf } from "./testing";

const all: DeliveryFilter = filterOf(new URLSearchParams());

describe("the address", () => {
  test("what it does not know counts as all", () => {
    const strange = "?kind=holiday&outcome=great&from=yesterday&to=2026-13-41&environment=%20&page=7";
    expect(filterOf(new URLSearchParams(strange))).toEqual({ ...all });
    expect(countOf(all)).toBe(0);
  });

  test("there and back", () => {
    const filter: DeliveryFilter = {
      ...all,
      environment: "dev",
      outcome: "failed",
      search: "redis",
      from: "2026-03-01",
    };
    const address = Object.entries(addressOf(filter)).filter(([, value]) => value !== null) as [string, string][];
    expect(filterOf(new URLSearchParams(address))).toEqual(filter);
    expect(countOf(filter)).toBe(4);
  });

  test("spaces around words are not searched for", () => {
    expect(addressOf({ ...all, search: "  redis " }).search).toBe("redis");
    expect(addressOf({ ...all, author: "  " }).author).toBeNull();
  });
});

test("the backend is asked for the instants between which the days lie, the last day included", () => {
  const query = queryOf({ ...all, from: "2026-03-01", to: "2026-03-01" });
  expect(query).toEqual({
    from: new Date(2026, 2, 1).toISOString(),
    to: new Date(2026, 2, 2).toISOString(),
  });
});

describe("whether a change belongs to what is shown", () => {
  const row = rowOf({ title: "Count visits", author: "A user", startedAt: new Date(2026, 2, 1, 23, 59).toISOString() });

  test.each<[Partial<DeliveryFilter>, boolean]>([
    [{}, true],
    [{ environment: "dev" }, true],
    [{ environment: "staging" }, false],
    [{ kind: "teardown" }, false],
    [{ outcome: "running" }, true],
    [{ outcome: "failed" }, false],
    [{ author: "A user" }, true],
    [{ author: "An" }, false],
    [{ search: "VISITS" }, true],
    [{ search: row.identity.commit.slice(0, 7) }, true],
    [{ search: "user main" }, true],
    [{ search: "orders" }, false],
    [{ from: "2026-03-01", to: "2026-03-01" }, true],
    [{ from: "2026-03-02" }, false],
    [{ to: "2026-02-28" }, false],
  ])("%j: %s", (part, fits) => {
    expect(matches({ ...all, ...part }, row)).toBe(fits);
  });
});
