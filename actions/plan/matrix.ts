import type { NodeArchitecture } from "../lib/config/nodes.ts";
import { SlipwayError } from "../lib/core/errors.ts";

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
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idoutputs: a job's outputs are
 * at most 1 MiB, counted in UTF-16. The others of the plan are short.
 */
const MOST_CHARACTERS = 500_000;

/**
 * The GitHub-hosted runner that builds images for an architecture without emulation:
 * https://docs.github.com/en/actions/reference/runners/github-hosted-runners
 */
export const runnerOf = (architecture: NodeArchitecture): string =>
  architecture === "arm64" ? "ubuntu-24.04-arm" : "ubuntu-24.04";

/** The matrix as an output of the plan. @throws SlipwayError when GitHub would not take it */
export function matrixOutput(names: readonly string[]): string {
  const text = JSON.stringify(buildMatrix(names));
  if (text.length > MOST_CHARACTERS)
    throw new SlipwayError(
      `The names of the ${names.length} images to build are more than an output of GitHub's holds.`,
      {
        next: "Deliver some of them first: what is built once is adopted from then on.",
      },
    );
  return text;
}

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
