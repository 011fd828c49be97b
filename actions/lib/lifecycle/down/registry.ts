import { scopeOf } from "../../inventory/inventory.ts";
import { otherEnvironments } from "../../inventory/other-environments.ts";
import { openStateStore } from "../../terraform/state/store.ts";
import { destroyRegistry } from "./destroy.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import { findRemaining, removeFound } from "./resources.ts";

/** The images, which all environments of the project share. */
export const registryDown: Down = {
  minutes: 10,
  doneWhen: "no repository, unless images are kept",
  async remaining(teardown: Teardown): Promise<Remaining[]> {
    return (await staysWhy(teardown)) === undefined ? findRemaining(teardown.environment, ["repository"]) : [];
  },
  async act(teardown: Teardown, _remaining: readonly Remaining[], minutes: number): Promise<void> {
    const { environment, report } = teardown;
    // With all images in them, which Terraform refuses to delete. A push in the meantime makes the next round do it.
    await removeFound(environment, ["repository"], () => true, report.line);
    await destroyRegistry(teardown, minutes);
  },
};

/** Why the images stay; undefined where they go. */
export async function staysWhy({ environment, images }: Teardown): Promise<string | undefined> {
  if (images === "keep") return "images are kept, as was asked for";
  const { config, name, credentials } = environment;
  const scope = scopeOf(config, name, credentials);
  const others = await otherEnvironments(scope, openStateStore(scope));
  return others.length > 0 ? `images are shared with the environment ${others.join(", ")}` : undefined;
}
