import { destroyRoot } from "../../terraform/destroy.ts";
import type { TerraformRoot } from "../../terraform/root.ts";
import type { Teardown } from "./down.ts";

/** Destroys what the environment's state holds, or a part of it. @throws SlipwayError as `destroyRoot` does */
export async function destroyEnvironment(teardown: Teardown, minutes: number, targets?: readonly string[]) {
  await destroy(teardown, "environment", minutes, targets);
}

/** Destroys what the registry's state holds. @throws SlipwayError as `destroyRoot` does */
export async function destroyRegistry(teardown: Teardown, minutes: number) {
  await destroy(teardown, "registry", minutes);
}

async function destroy(teardown: Teardown, root: TerraformRoot, minutes: number, targets?: readonly string[]) {
  const { environment, repository, discovered, terraform, report, signals } = teardown;
  const { config, name, credentials } = environment;
  await destroyRoot({
    ...{ repository, config, root, environment: name, images: discovered, credentials, terraform, report, minutes },
    ...(signals && { signals }),
    ...(targets && { targets }),
  });
}
