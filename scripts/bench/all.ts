import { textTable } from "../terminal/text-table.ts";
import type { Benchmark, Measure } from "./harness.ts";

/** Every benchmark by name; loaded when it is run. */
export const benchmarks: Record<string, () => Promise<{ measure: Benchmark }>> = {
  images: () => import("./images.ts"),
  release: () => import("./release.ts"),
  console: () => import("./console.ts"),
  live: () => import("./live.ts"),
};

/** Measures as a table for a terminal. */
export function resultTable(measures: readonly Measure[]): string {
  const rows = measures.map(({ work, time, peer }) => {
    const mine = [work, `${time.toFixed(0)} ms`];
    return peer
      ? [...mine, `${peer.time.toFixed(0)} ms`, peer.ratio.toFixed(2), `<= ${Number(peer.goal.toFixed(2))}`, peer.name]
      : [...mine, "", "", "", ""];
  });
  return textTable(["Work", "Slipway", "Peer", "Ratio", "Goal", "Peer's name"], rows);
}
