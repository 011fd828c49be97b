import type { Reporter } from "../../../lib/terraform/report.ts";
import type { Environment } from "../../../lib/lifecycle/environment.ts";
import { stages } from "../../../lib/lifecycle/stages.ts";
import type { Teardown } from "../../../lib/lifecycle/down/down.ts";
import type { VolumePolicy } from "../../../lib/lifecycle/policies.ts";
import { type DownRecord, takeDown } from "../../../lib/lifecycle/down/stage-down.ts";

/** The stages that go while the cluster lives. */
const fixtureStages = ["delivery", "apps", "volumes", "argocd"] as const;

/** One of them. */
export type FixtureStage = (typeof fixtureStages)[number];

/** What is different in a teardown from the usual one. */
export interface FixtureDown {
  volumes?: VolumePolicy;
  /** Seconds that a stage has, for those that are not to have a minute. */
  seconds?: Partial<Record<FixtureStage, number>>;
  /** The last stage; all when left out. */
  until?: FixtureStage;
  signal?: AbortSignal;
  /** Gets each line that is told, as it is told. */
  onLine?: (line: string) => void;
}

/** How it went. */
export interface FixtureOutcome {
  /** `delivery: gone` for each stage that was begun. */
  stages: string[];
  error: unknown;
  /** Everything that was told. */
  told: string[];
}

/** Tells nobody anything. */
export const silent: Reporter = { line: () => {}, phase: (_, work) => work(), summary: async () => {} };

/** Takes the stages down as `teardown` does, without its guards and without what Terraform takes away. Never throws. */
export async function takeFixtureDown(environment: Environment, how: FixtureDown): Promise<FixtureOutcome> {
  const told: string[] = [];
  const line = (text: string) => {
    told.push(text);
    how.onLine?.(text);
  };
  const teardown: Teardown = {
    environment,
    volumes: how.volumes,
    images: "keep",
    repository: "",
    discovered: [],
    terraform: () => Promise.reject(new Error("Nothing here is Terraform's.")),
    report: { ...silent, line },
    signal: how.signal ?? new AbortController().signal,
  };
  const chosen = fixtureStages.flatMap((name) => {
    const down = stages.find((each) => each.name === name)?.down;
    return down ? [{ name, down: { ...down, minutes: (how.seconds?.[name] ?? 60) / 60 } }] : [];
  });
  const records: DownRecord[] = [];
  const outcome = (error: unknown) => ({
    stages: records.map(({ name, result }) => `${name}: ${result}`),
    error,
    told,
  });
  try {
    for (const { down } of chosen) await down.refuse?.(teardown);
    for (const { down } of chosen) await down.prepare?.(teardown);
    for (const stage of chosen) {
      const record: DownRecord = { name: stage.name, result: "none", milliseconds: 0, found: [] };
      records.push(record);
      await takeDown(stage, teardown, record, { shortest: 50, longest: 500 });
      if (stage.name === how.until) break;
    }
    return outcome(undefined);
  } catch (error) {
    return outcome(error);
  }
}
