import { appFiles } from "../apps/app-files.ts";
import { textTable } from "../terminal/text-table.ts";
import type { Benchmark, BenchmarkResult } from "./harness.ts";

interface BenchmarkFile {
  measure: Benchmark;
}

/** Every benchmark by name; loaded when it is run. Those that apps bring have the app's name. */
export const benchmarks: Record<string, () => Promise<BenchmarkFile>> = {
  images: () => import("./images.ts"),
  release: () => import("./release.ts"),
  ...Object.fromEntries(appFiles<BenchmarkFile>("bench.ts").map(({ app, load }) => [app, load])),
  live: () => import("./live.ts"),
};

/** Measures as a table for a terminal. */
export function resultTable(measures: readonly BenchmarkResult[]): string {
  const rows = measures.map(({ work, time, peer }) => {
    const mine = [work, `${time.toFixed(0)} ms`];
    return peer
      ? [...mine, `${peer.time.toFixed(0)} ms`, peer.ratio.toFixed(2), `<= ${Number(peer.goal.toFixed(2))}`, peer.name]
      : [...mine, "", "", "", ""];
  });
  return textTable(["Work", "Slipway", "Peer", "Ratio", "Goal", "Peer's name"], rows);
}
