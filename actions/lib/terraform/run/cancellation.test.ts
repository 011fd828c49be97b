import { EventEmitter } from "node:events";
import { expect, test, vi } from "vitest";
import { cancellation } from "./cancellation.ts";

function listen(minutes = 10) {
  const signals = new EventEmitter();
  const lines: string[] = [];
  const says = { stopping: "It is asked to stop.", remains: () => "The lock stays." };
  const stop = cancellation({ minutes, signals, log: (line) => lines.push(line), ...says });
  return { signals, lines, stop };
}

test("the first signal asks to stop once; the second only tells what will be left", () => {
  const { signals, lines, stop } = listen();
  using _ = stop;
  let asked = 0;
  stop.signal.addEventListener("abort", () => {
    asked += 1;
  });
  expect(() => stop.throwIfStopped()).not.toThrow();
  signals.emit("SIGINT");
  signals.emit("SIGTERM");
  expect(asked).toBe(1);
  expect(lines).toEqual(["SIGINT received. It is asked to stop.", "SIGTERM received. The lock stays."]);
  expect(() => stop.throwIfStopped()).toThrow(expect.objectContaining({ reason: "cancelled" }));
});

test("our own deadline stops in the same way, under its own name", () => {
  vi.useFakeTimers();
  try {
    const { stop } = listen(5);
    using _ = stop;
    vi.advanceTimersByTime(5 * 60_000 - 1);
    expect(stop.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(() => stop.throwIfStopped()).toThrow(expect.objectContaining({ reason: "deadline" }));
  } finally {
    vi.useRealTimers();
  }
});

test("afterwards signals mean again what they meant before", () => {
  const { signals, stop } = listen();
  stop[Symbol.dispose]();
  expect(signals.listenerCount("SIGINT") + signals.listenerCount("SIGTERM")).toBe(0);
});
