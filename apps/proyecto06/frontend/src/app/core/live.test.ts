import "@angular/compiler";
import "@angular/localize/init";
import { Injector, runInInjectionContext } from "@angular/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SessionService } from "@slipway/ui/session/sessions";
import { Live, patience } from "./live";

/** The browser's EventSource, which the test tells what happens. */
class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static made: FakeSource[] = [];
  readyState = 0;

  constructor() {
    super();
    FakeSource.made.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  opens(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  fails(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event("error"));
  }
}

const load = vi.fn(() => Promise.resolve());
let live: Live;
const source = () => FakeSource.made.at(-1) as FakeSource;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  FakeSource.made = [];
  load.mockClear();
  const injector = Injector.create({ providers: [{ provide: SessionService, useValue: { load } }] });
  live = runInInjectionContext(injector, () => new Live());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("connects once, and hands on what changes", () => {
  const seen: unknown[] = [];
  live.changes.subscribe((change) => seen.push(change));
  live.start();
  live.start();
  expect(FakeSource.made).toHaveLength(1);
  expect(live.state()).toBe("connecting");
  source().opens();
  expect(live.state()).toBe("open");
  source().dispatchEvent(new MessageEvent("delivery", { data: '{"id":"1-1"}' }));
  expect(seen).toEqual([{ id: "1-1" }]);
});

test("a cut that the browser repairs by itself: lost meanwhile, nothing asked for again", () => {
  live.start();
  source().opens();
  source().fails(0);
  expect(live.state()).toBe("lost");
  source().opens();
  expect(live.state()).toBe("open");
  expect(live.resumed()).toBe(0);
  expect(FakeSource.made).toHaveLength(1);
});

test("when the browser gives up a new connection is made, later each time, and counts as resumed", () => {
  live.start();
  source().opens();
  for (const attempt of [0, 1, 2]) {
    const made = FakeSource.made.length;
    source().fails(FakeSource.CLOSED);
    vi.advanceTimersByTime(patience(attempt) - 1);
    expect(FakeSource.made).toHaveLength(made);
    vi.advanceTimersByTime(1);
    expect(FakeSource.made).toHaveLength(made + 1);
  }
  expect(load).toHaveBeenCalledTimes(3);
  source().opens();
  expect(live.resumed()).toBe(1);
  source().fails(FakeSource.CLOSED);
  vi.advanceTimersByTime(patience(0));
  expect(FakeSource.made).toHaveLength(5);
});

test("a person's retry does not wait, and what ended does not come back", () => {
  live.start();
  source().fails(FakeSource.CLOSED);
  live.retry();
  expect(FakeSource.made).toHaveLength(2);
  source().fails(FakeSource.CLOSED);
  live.stop();
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.made).toHaveLength(2);
  expect(live.state()).toBe("off");
});

test("patience ends at half a minute", () => {
  expect([0, 1, 4, 5, 50].map(patience)).toEqual([1_000, 2_000, 16_000, 30_000, 30_000]);
});
