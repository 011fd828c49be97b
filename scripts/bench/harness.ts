/** One line of a benchmark's result; times are medians in milliseconds. */
export interface BenchmarkResult {
  /** The number in the performance goals and the work, such as `P1 1,000 apps, 1 file changed`. */
  work: string;
  /** Ours. */
  time: number;
  /** What others do for the same work; left out where only growth is looked at. */
  peer?: { name: string; time: number; ratio: number; goal: number };
}

/** What a benchmark file in this folder exports as `measure`. */
export type Benchmark = (options: { runs: number }) => Promise<BenchmarkResult[]>;

/** The middle one of some numbers; NaN of none. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * Runs two ways of doing the same work in turn, so that a slow moment of the machine meets both.
 *
 * @param peer its `goal` is the wanted ratio of our time to its time
 * @param prepare done before each run, and not timed
 */
export async function compare(
  work: string,
  runs: number,
  ours: () => Promise<unknown>,
  peer?: { name: string; goal: number; run: () => Promise<unknown> },
  prepare?: () => Promise<unknown>,
): Promise<BenchmarkResult> {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    await prepare?.();
    mine.push(await milliseconds(ours));
    await prepare?.();
    if (peer) theirs.push(await milliseconds(peer.run));
  }
  const time = median(mine);
  if (!peer) return { work, time };
  const other = median(theirs);
  return { work, time, peer: { name: peer.name, time: other, ratio: time / other, goal: peer.goal } };
}

async function milliseconds(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
