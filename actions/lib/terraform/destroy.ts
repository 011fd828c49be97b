import { join } from "node:path";
import type { InfraRequest } from "./apply.ts";
import { writeDestroyed } from "./destroyed.ts";
import { changeRoot } from "./change.ts";
import type { ChangeCounts } from "./run/events.ts";
import { appliedKey } from "./fingerprint.ts";
import { describeRoot } from "./report.ts";
import { stateLocation } from "./root.ts";
import { openStateStore } from "./state/store.ts";
import { registryImages, terraformVariables } from "./variables.ts";

/** What is to be destroyed, and with what. */
export interface DestroyRequest extends InfraRequest {
  /** Minutes after which Terraform is asked to stop. */
  minutes: number;
  /** Where signals come from; this process when left out. */
  signals?: NodeJS.EventEmitter;
  /** What is destroyed, with all that needs it; everything when left out. */
  targets?: readonly string[];
}

/**
 * Destroys what a root's state holds, or a part of it. The state itself stays, and tells what is left.
 *
 * @returns how much was destroyed; undefined where the state held nothing of it
 * @throws SlipwayError as `changeRoot` does
 */
export async function destroyRoot(request: DestroyRequest): Promise<ChangeCounts | undefined> {
  const { repository, config, root, environment, credentials } = request;
  const location = stateLocation(config, root, environment);
  const store = openStateStore({ ...location, credentials });
  // Where nothing was ever applied, Terraform has nothing to look at.
  if ((await store.tag(location.key)) === undefined) return undefined;
  const images = root === "registry" ? await registryImages(repository, "HEAD", request.images) : [];
  return changeRoot(
    {
      location,
      store,
      credentials,
      minutes: request.minutes,
      report: request.report,
      operation: "destroy",
      program: await request.terraform(),
      folder: join(repository, "terraform", root),
      variables: terraformVariables(config, root, environment, images),
      title: describeRoot(root, environment),
      ...(request.signals && { signals: request.signals }),
      ...(request.targets && { targets: request.targets }),
      // The next delivery must not believe that all of it is still there, and a push not bring it back.
      before: () =>
        root === "environment" ? writeDestroyed(store, location.key) : store.remove(appliedKey(location.key)),
    },
    (_session, changed) => Promise.resolve(changed),
  );
}
