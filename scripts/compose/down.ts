import { rm } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { type DockerOptions, ensureDocker } from "../rehearsal/docker/docker.ts";
import { dockerCall } from "./tools.ts";
import { type Remains, removeStack, stackedApps } from "./stack.ts";
import { composeFolder } from "./up.ts";

/** What is taken away. */
export interface DownOptions {
  /** The repository's root folder. */
  repository: string;
  /** Names of apps; all that are there when empty. */
  apps: readonly string[];
  /** Also the apps' data, and the passwords that open it. */
  volumes: boolean;
  /** Where a Docker daemon of our own lives, where the machine has none. */
  docker?: DockerOptions;
}

/** What an app had in Docker. */
export interface DownResult extends Remains {
  app: string;
}

/**
 * Takes apps away that `composeUp` brought up.
 *
 * @throws SlipwayError when a named one has nothing in Docker
 */
export async function composeDown({ repository, apps, volumes, ...options }: DownOptions): Promise<DownResult[]> {
  await using docker = await ensureDocker(options.docker);
  const call = dockerCall(docker);
  const known = await stackedApps(call);
  const strange = apps.filter((app) => !known.includes(app));
  if (strange.length > 0)
    throw new SlipwayError(`Nothing of ${strange.join(", ")} is in Docker.`, {
      next: `There is ${known.join(", ") || "no app at all"}.`,
    });
  const results: DownResult[] = [];
  for (const app of apps.length > 0 ? apps : known) {
    results.push({ app, ...(await removeStack(call, app, { volumes })) });
    if (volumes) await rm(join(composeFolder(repository), app), { recursive: true, force: true });
  }
  return results;
}
