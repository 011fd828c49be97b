import { expect, it } from "vitest";
import type { Cause } from "./causes.ts";
import { Patience } from "./patience.ts";

const cause = (key: string, patience?: number): Cause => ({
  key,
  patience,
  reason: "volume",
  what: key,
  rank: 0,
  object: { kind: "PersistentVolumeClaim", namespace: "guests", name: key },
});

/** A patience with a clock that goes on by seconds. */
function timed() {
  let now = 1_000;
  const patience = new Patience(() => now);
  return (seconds: number, ...causes: Cause[]) => {
    now += seconds * 1000;
    const { spent, news, next } = patience.look(causes);
    return { spent: spent?.key, news: news.map(({ key }) => key), next };
  };
}

it("tells what lasts for some seconds, once, and asks to be woken for it", () => {
  const after = timed();
  expect(after(0, cause("a"))).toEqual({ spent: undefined, news: [], next: 4_000 });
  expect(after(3, cause("a"))).toEqual({ spent: undefined, news: [], next: 1_000 });
  expect(after(1, cause("a"))).toEqual({ spent: undefined, news: ["a"], next: undefined });
  expect(after(60, cause("a"))).toEqual({ spent: undefined, news: [], next: undefined });
  after(1);
  after(1, cause("a"));
  expect(after(9, cause("a")).news, "it was told before").toEqual([]);
});

it("is spent by what lasts without a break for as long as it may", () => {
  const after = timed();
  expect(after(0, cause("a", 60)).next).toBe(4_000);
  expect(after(5, cause("a", 60)).next).toBe(55_000);
  expect(after(54, cause("a", 60)).spent).toBeUndefined();
  after(0);
  expect(after(2, cause("a", 60)).spent, "it was gone for a moment").toBeUndefined();
  expect(after(59, cause("a", 60)).spent).toBeUndefined();
  expect(after(1, cause("b", 60), cause("a", 60)).spent).toBe("a");
});

it("counts only from when it speaks against the wanted commit", () => {
  const after = timed();
  after(0, cause("a"));
  expect(after(600, cause("a")).spent).toBeUndefined();
  expect(after(1, cause("a", 60)).spent).toBeUndefined();
  expect(after(60, cause("a", 60)).spent).toBe("a");
});
