import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startHeartbeat } from "./heartbeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recorder() {
  const lines: string[] = [];
  return { lines, output: { write: (text: string | Uint8Array) => lines.push(String(text)) > 0 } };
}

it("prints a line a minute while nothing else is printed, and what was said last", () => {
  const { lines, output } = recorder();
  using _ = startHeartbeat(output);
  output.write("Application guests: Progressing\n::group::more\n");
  vi.advanceTimersByTime(150_000);
  expect(lines.slice(1)).toEqual([
    "… goes on after 1 min 0 s; the last line was: Application guests: Progressing\n",
    "… goes on after 2 min 0 s; the last line was: Application guests: Progressing\n",
  ]);
});

it("says nothing while others do, nor after its end", () => {
  const { lines, output } = recorder();
  {
    using _ = startHeartbeat(output);
    for (let seconds = 0; seconds < 300; seconds += 30) {
      output.write("line\n");
      vi.advanceTimersByTime(30_000);
    }
  }
  vi.advanceTimersByTime(300_000);
  expect(new Set(lines)).toEqual(new Set(["line\n"]));
});
