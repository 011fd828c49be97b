import { expect, it, vi } from "vitest";
import { complaintsOfSet } from "../application.ts";
import type { Judgement } from "../judgement.ts";
import type { Cause } from "./causes.ts";
import { Timekeeper } from "./timekeeper.ts";

const cause: Cause = {
  key: "claim",
  reason: "volume",
  what: "PersistentVolumeClaim a: FailedBinding",
  patience: 60,
  rank: 0,
  object: { kind: "PersistentVolumeClaim", namespace: "guests", name: "a" },
};
const waiting = (causes: Cause[]): Judgement => ({
  state: "waiting",
  stage: "is Progressing",
  detail: "",
  problem: undefined,
  stale: false,
  causes,
  serving: [{ name: "guests-api", pods: 2 }],
});

it("wakes whoever judges when time has passed, tells the cause, and fails by it", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  try {
    const lines: string[] = [];
    const seen: Judgement[] = [];
    const judge = () => seen.push(keeper.judge("guests", waiting([cause])));
    const keeper = new Timekeeper({ log: (line) => lines.push(line), wake: judge });
    judge();
    vi.advanceTimersByTime(3_999);
    expect(lines).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(lines).toEqual(["guests: PersistentVolumeClaim a: FailedBinding"]);
    vi.advanceTimersByTime(55_999);
    expect(seen.map(({ state }) => state)).toEqual(["waiting", "waiting"]);
    vi.advanceTimersByTime(1);
    expect(seen.at(-1)).toEqual({
      state: "failed",
      reason: "volume",
      problem: undefined,
      serving: [{ name: "guests-api", pods: 2 }],
      what: "PersistentVolumeClaim a: FailedBinding. That has lasted for 60 seconds, which is longer than it takes to come right by itself.",
    });
    expect(keeper.judge("guests", waiting([])).state).toBe("waiting");
    keeper.stop();
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

it("points at the pod whose log may say more", () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const keeper = new Timekeeper({ log: () => {}, wake: () => {} });
  const pod = { ...cause, object: { kind: "Pod", namespace: "guests", name: "guests-api-0" } };
  keeper.judge("guests", waiting([pod]));
  now = 60_000;
  expect(keeper.judge("guests", waiting([pod]))).toMatchObject({
    problem: { pod: { namespace: "guests", name: "guests-api-0" }, reason: "not-ready" },
  });
  keeper.stop();
  vi.restoreAllMocks();
});

it("tells once why a set makes no Applications", () => {
  const lines: string[] = [];
  const keeper = new Timekeeper({ log: (line) => lines.push(line), wake: () => {} });
  const conditions = [
    { type: "ErrorOccurred", status: "True", message: "duplicate name\n::error::x" },
    { type: "ResourcesUpToDate", status: "False", message: "no" },
  ];
  for (const status of [{ conditions }, { conditions }, {}, undefined])
    for (const each of complaintsOfSet({ metadata: { name: "apps" }, ...(status && { status }) }))
      keeper.tellOnce(each);
  expect(lines).toEqual(["ApplicationSet apps: duplicate name ::error::x"]);
});
