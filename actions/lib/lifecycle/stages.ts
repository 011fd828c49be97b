import { awsFailure } from "../aws/credentials.ts";
import { explain, SlipwayError } from "../core/errors.ts";
import { account } from "./account.ts";
import { apps } from "./apps.ts";
import { argocd } from "./argocd.ts";
import { isAwsError } from "./aws-error.ts";
import { cluster } from "./cluster.ts";
import { delivery } from "./delivery.ts";
import { logs } from "./logs.ts";
import { network } from "./network.ts";
import { reachable } from "./reachable.ts";
import { registry } from "./registry.ts";
import type { StageObservation, LifecycleStage } from "./stage.ts";
import type { Environment } from "./environment.ts";
import { volumes } from "./volumes.ts";

/** The stages of an environment's life, in the order in which it comes up; it goes down the other way. */
export const stages: readonly LifecycleStage[] = [
  account,
  registry,
  network,
  logs,
  cluster,
  argocd,
  volumes,
  apps,
  reachable,
  delivery,
];

/** A stage, and what was seen of it. */
export type ObservedStage = { name: string; description: string } & StageObservation;

/** Looks at every stage, at the same time. What cannot be looked at is `unknown`, with the reason. */
export function observeAll(environment: Environment): Promise<ObservedStage[]> {
  return Promise.all(stages.map((stage) => observeStage(stage, environment)));
}

async function observeStage(stage: LifecycleStage, environment: Environment): Promise<ObservedStage> {
  const { name, description } = stage;
  const observation = await stage.observe(environment).catch((error: unknown): StageObservation => {
    const failure = isAwsError(error) ? awsFailure(`Looking at ${description}`, error) : error;
    if (!(failure instanceof SlipwayError)) throw failure;
    return { state: "unknown", parts: [], why: explain(failure) };
  });
  return { name, description, ...observation };
}
