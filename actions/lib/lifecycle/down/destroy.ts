import { SlipwayError } from "../../core/errors.ts";
import { type DestroyRequest, destroyRoot } from "../../terraform/destroy.ts";
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

/** Terraform is started so often before its failure is the stage's. */
const attempts = 3;

async function destroy(teardown: Teardown, root: TerraformRoot, minutes: number, targets?: readonly string[]) {
  const { environment, repository, discovered, terraform, report, signals } = teardown;
  const { config, name, credentials } = environment;
  const request: DestroyRequest = {
    repository,
    config,
    root,
    environment: name,
    images: discovered,
    credentials,
    terraform,
    report,
    minutes,
    ...(signals && { signals }),
    ...(targets && { targets }),
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await destroyRoot(request);
      return;
    } catch (error) {
      // Something may still hold another thing for a moment, as a NAT gateway its address: what is gone stays gone.
      if (!(error instanceof SlipwayError) || error.reason !== "apply-failed" || attempt === attempts) throw error;
      report.line(`${error.message.trim()}\nTerraform is started again: it goes on from there.`);
    }
  }
}
