import { z } from "zod";
import type { Proof, Release } from "../../../apps/contract/index.ts";
import type { StateStore } from "../terraform/state/store.ts";

/** Where the stages of a run leave what its report needs, in the state bucket. */
export const handedPrefix = "reports/handed/";
/** Of so many runs it is kept, for a job that is run again. */
const runs = 50;

/** What the stages hand over: an input of an action is an environment variable, and holds 128 KiB. */
export interface Handed {
  release: Release | undefined;
  proof: Proof | undefined;
}

const schemas = {
  release: z.custom<Release>((value) => isObject(value) && "commit" in value),
  proof: z.custom<Proof>((value) => isObject(value) && "apps" in value),
};
const isObject = (value: unknown) => typeof value === "object" && value !== null;
// Ids of runs only rise, so that their order by text is that by time as long as they have as many digits.
const folderOf = (run: string) => `${handedPrefix}${run.padStart(20, "0")}/`;

/** Leaves what a stage of a run has made for the run's report. @throws SlipwayError when the bucket does not take it */
export function handOver<Name extends keyof Handed>(
  store: StateStore,
  run: string,
  name: Name,
  value: NonNullable<Handed[Name]>,
): Promise<void> {
  return store.write(`${folderOf(run)}${name}.json`, JSON.stringify(value));
}

/** What the stages of a run have left. @throws SlipwayError when the bucket cannot be read */
export async function handedBy(store: StateStore, run: string): Promise<Handed> {
  const read = async (name: keyof Handed) => (await store.read(`${folderOf(run)}${name}.json`))?.text ?? "null";
  const [release, proof] = await Promise.all([read("release"), read("proof")]);
  return {
    release: schemas.release.nullable().parse(JSON.parse(release)) ?? undefined,
    proof: schemas.proof.nullable().parse(JSON.parse(proof)) ?? undefined,
  };
}

/** Removes what all but the newest runs have left. */
export async function forgetHanded(store: StateStore): Promise<void> {
  const keys = await store.list(handedPrefix);
  const folders = Map.groupBy(keys, (key) => key.slice(0, folderOf("").length));
  for (const folder of [...folders.keys()].sort().slice(0, -runs))
    for (const key of folders.get(folder) ?? []) await store.remove(key);
}
