import { globSync } from "node:fs";
import { join } from "node:path";
import { textTable } from "../terminal/text-table.ts";
import type { Benchmark, BenchmarkResult } from "./harness.ts";

type LoadBenchmark = () => Promise<{ measure: Benchmark }>;

const root = join(import.meta.dirname, "../..");

/** What each app brings as `apps/<app>/bench.ts`, by the app's name. */
const ofApps = globSync("apps/*/bench.ts", { cwd: root })
  .sort()
  .map((file): [string, LoadBenchmark] => [
    file.split("/")[1] ?? "",
    async () => (await import(join(root, file))) as Awaited<ReturnType<LoadBenchmark>>,
  ]);

/** Every benchmark by name; loaded when it is run. */
export const benchmarks: Record<string, LoadBenchmark> = {
  images: () => import("./images.ts"),
  release: () => import("./release.ts"),
  ...Object.fromEntries(ofApps),
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
