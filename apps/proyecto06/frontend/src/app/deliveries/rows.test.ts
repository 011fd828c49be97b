import type { DeliverySummary } from "@slipway/contract";
import { expect, test } from "vitest";
import { filterOf } from "./filter";
import { withChanges } from "./rows";
import { rowOf } from "./testing";

const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, "0")}:00.000Z`;
const loaded = [3, 2, 1].map((minute) => rowOf({ id: `${minute}-1`, startedAt: at(minute) }));
const changes = (...rows: DeliverySummary[]) => new Map(rows.map((row) => [row.id, row]));
const all = filterOf(new URLSearchParams());
const ids = (rows: DeliverySummary[]) => rows.map(({ id }) => id);

test("a known row is replaced where it is", () => {
  const rows = withChanges(loaded, changes(rowOf({ id: "2-1", startedAt: at(2), outcome: "failed" })), all, true);
  expect(rows.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(["3-1 running", "2-1 failed", "1-1 running"]);
});

test("a new row goes where its start belongs", () => {
  const fresh = [rowOf({ id: "9-1", startedAt: at(9) }), rowOf({ id: "25-1", startedAt: at(2) })];
  expect(ids(withChanges(loaded, changes(...fresh), all, true))).toEqual(["9-1", "3-1", "25-1", "2-1", "1-1"]);
});

test("an older row belongs to a page that is still to come, unless there is none", () => {
  const old = changes(rowOf({ id: "0-1", startedAt: at(0) }));
  expect(ids(withChanges(loaded, old, all, false))).toEqual(["3-1", "2-1", "1-1"]);
  expect(ids(withChanges(loaded, old, all, true))).toEqual(["3-1", "2-1", "1-1", "0-1"]);
  expect(ids(withChanges([], old, all, true))).toEqual(["0-1"]);
});

test("what no longer fits the filter goes, what never did does not come", () => {
  const running = filterOf(new URLSearchParams("outcome=running"));
  const ended = rowOf({ id: "2-1", startedAt: at(2), outcome: "succeeded" });
  const other = rowOf({ id: "9-1", startedAt: at(9), outcome: "failed" });
  expect(ids(withChanges(loaded, changes(ended, other), running, true))).toEqual(["3-1", "1-1"]);
});
