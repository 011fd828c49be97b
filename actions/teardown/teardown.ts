import { type AwsCredentialProvider, refuseOtherAccount } from "../lib/aws/credentials.ts";
import { type Config, environmentOf } from "../lib/config/config.ts";
import { mapConcurrently } from "../lib/core/concurrency.ts";
import { explain, SlipwayError } from "../lib/core/errors.ts";
import { scopeOf, takeInventory } from "../lib/inventory/inventory.ts";
import { saveInventory } from "../lib/inventory/saved.ts";
import type { Teardown } from "../lib/lifecycle/down/down.ts";
import type { ImagePolicy, VolumePolicy } from "../lib/lifecycle/policies.ts";
import { type Pauses, type DownRecord, takeDown, usualPauses } from "../lib/lifecycle/down/stage-down.ts";
import { type Environment, openEnvironment } from "../lib/lifecycle/environment.ts";
import { stages } from "../lib/lifecycle/stages.ts";
import { writeDestroyed } from "../lib/terraform/destroyed.ts";
import { cancellation } from "../lib/terraform/run/cancellation.ts";
import type { Reporter } from "../lib/terraform/report.ts";
import { stateLocation } from "../lib/terraform/root.ts";
import { breakLock, describeLock, refuseLocked } from "../lib/terraform/state/lock.ts";
import { openStateStore } from "../lib/terraform/state/store.ts";
import type { DryRun, TeardownRecord } from "./report.ts";

/** What is to be taken away, and with what. */
export interface TeardownRequest {
  environment: string;
  /** The environment's name once more, as a person typed it. */
  confirm: string;
  config: Config;
  credentials: AwsCredentialProvider;
  /** The checkout's path; its HEAD's Terraform is what destroys. */
  repository: string;
  /** The names of the images that the checkout can build. */
  discovered: readonly string[];
  /** Gives a Terraform that serves; called only where there is something to destroy. */
  terraform: () => Promise<string>;
  /** As each volume's own reclaim policy says when left out. */
  volumes?: VolumePolicy | undefined;
  images: ImagePolicy;
  /** A lock to break, and how to ask GitHub whether a run has ended. */
  forceUnlock?: { id: string; runHasEnded: (run: number) => Promise<boolean> } | undefined;
  /** Minutes for all of it; less than the job's own. */
  minutes: number;
  /** Where signals come from; this process when left out. */
  signals?: NodeJS.EventEmitter;
  report: Reporter;
  pauses?: Pauses;
  /** Opens the cluster's API; another one in tests. */
  cluster?: Environment["cluster"];
}

/** The stages that go down, the last that came up first. */
const downStages = stages.flatMap(({ name, down }) => (down ? [{ name, down }] : [])).reverse();

/**
 * Takes an environment away, stage by stage. Nothing is remembered between runs: each stage looks what is left, so that
 * running it again goes on where the last one ended.
 *
 * @param record filled while it goes on, so that it is there after a failure too
 * @throws SlipwayError: with reason `wrong-name`, `wrong-account`, `state-locked` or `retained-volume` before anything was
 * changed; else StageFailure, see `takeDown`
 */
export async function teardown(request: TeardownRequest, record: TeardownRecord): Promise<void> {
  const began = Date.now();
  using stop = cancellation({
    minutes: request.minutes,
    ...(request.signals ? { signals: request.signals } : {}),
    log: request.report.line,
    stopping: "The teardown stops as soon as it can.",
    remains: () => "It has not stopped yet.",
  });
  const work = openTeardown(request, stop.signal);
  try {
    await guard(request);
    for (const { down } of downStages) await down.refuse?.(work);
    // From here on, things change. First of all, no push brings back what goes, and what is there is written down.
    await request.report.phase("Inventory", () => prepare(request));
    for (const { down } of downStages) await down.prepare?.(work);
    for (const stage of downStages) {
      const stageRecord: DownRecord = { name: stage.name, result: "none", milliseconds: 0, found: [] };
      record.stages.push(stageRecord);
      await request.report.phase(`Down: ${stage.name}`, () =>
        takeDown(stage, work, stageRecord, request.pauses ?? usualPauses),
      );
    }
  } finally {
    record.milliseconds = Date.now() - began;
  }
}

async function prepare({ config, environment, credentials, report }: TeardownRequest): Promise<void> {
  const location = stateLocation(config, "environment", environment);
  const store = openStateStore({ ...location, credentials });
  await writeDestroyed(store, location.key);
  const scope = scopeOf(config, environment, credentials);
  const inventory = await takeInventory(scope, store);
  for (const { title, why } of inventory.unknown) report.line(`Not known: ${title}. ${why}`);
  const { resources } = await saveInventory(store, scope, inventory);
  report.line(`${resources.length} things are known to belong to ${environment}.`);
}

/**
 * Looks what a teardown would take away, and changes nothing.
 *
 * @throws SlipwayError as `teardown` does before it changes anything; what would keep it from beginning is told instead
 */
export async function dryRun(request: TeardownRequest): Promise<DryRun> {
  environmentOf(request.config, request.environment);
  await refuseOtherAccount(request.config.aws, request.credentials);
  const work = openTeardown(request, new AbortController().signal);
  const refusals: string[] = [];
  const note = (error: unknown) => {
    if (!(error instanceof SlipwayError)) throw error;
    refusals.push(explain(error));
  };
  await guard({ ...request, forceUnlock: undefined }).catch(note);
  for (const { down } of downStages) await down.refuse?.(work).catch(note);
  const stages = await mapConcurrently(downStages, 4, async ({ name, down }) => ({
    name,
    remaining: await down.remaining(work),
    doneWhen: down.doneWhen,
    minutes: down.minutes,
  }));
  return { environment: request.environment, stages, refusals };
}

/**
 * Everything that keeps a teardown from beginning, cheapest first. Nothing is changed, but for a lock that is to be
 * broken.
 */
async function guard(request: TeardownRequest): Promise<void> {
  const { environment, confirm, config, credentials, images, forceUnlock, report } = request;
  environmentOf(config, environment);
  if (confirm !== environment)
    throw new SlipwayError(`The environment is ${environment}, but ${JSON.stringify(confirm)} was typed.`, {
      next: `Type ${environment} to confirm that it goes. Nothing was changed.`,
      reason: "wrong-name",
    });
  await refuseOtherAccount(config.aws, credentials);
  const roots = images === "delete" ? (["environment", "registry"] as const) : (["environment"] as const);
  for (const root of roots) {
    const location = stateLocation(config, root, environment);
    const store = openStateStore({ ...location, credentials });
    if (forceUnlock && root === "environment") {
      const broken = await breakLock(store, location, forceUnlock.id, forceUnlock.runHasEnded);
      report.line(broken ? `Broke the lock of ${describeLock(broken)}.` : "No lock is held: none was broken.");
    }
    await refuseLocked(store, location);
  }
}

/** What the stages are given. */
export function openTeardown(request: TeardownRequest, signal: AbortSignal): Teardown {
  const { config, credentials, repository, discovered, terraform, volumes, images, signals, report } = request;
  const environment = openEnvironment({ name: request.environment, config, credentials, directory: repository });
  const open = request.cluster ?? (() => environment.cluster());
  return {
    environment: { ...environment, cluster: () => open().catch(notUp(report)) },
    repository,
    discovered,
    terraform,
    volumes,
    images,
    report,
    signal,
    ...(signals && { signals }),
  };
}

/**
 * A cluster that is made, deleted or has failed has no API, and nothing in it that could be asked to go: what an earlier
 * run took out of it was gone before it asked for the cluster's end.
 */
function notUp({ line }: Reporter): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof SlipwayError) || error.reason !== "cluster-not-active") throw error;
    line(error.message);
    return undefined;
  };
}
