/** One job of the build matrix. */
export interface Shard {
  /** Counts from 1. */
  shard: number;
  /** Image names, separated by commas. */
  images: string;
}

/** https://docs.github.com/en/actions/reference/limits: a matrix makes at most 256 jobs in a run. */
export const MOST_SHARDS = 256;

/**
 * The jobs that build the given images: one for each, or, where that would be too many jobs, as even as can be.
 *
 * @param most how many jobs there may be, at least 1
 */
export function buildMatrix(names: readonly string[], most = MOST_SHARDS): Shard[] {
  const count = Math.min(names.length, most);
  const edge = (shard: number) => Math.floor((shard * names.length) / count);
  return Array.from({ length: count }, (_, shard) => ({
    shard: shard + 1,
    images: names.slice(edge(shard), edge(shard + 1)).join(","),
  }));
}
