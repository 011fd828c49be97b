import { readConfig } from "../../actions/lib/config.ts";
import { listAccount } from "./aws/account-listing.ts";
import { type Checks, insist } from "./checks.ts";
import type { Progress } from "./progress.ts";
import type { World } from "./world.ts";

/**
 * Dispatches the workflow that takes the environment away, and checks what is left: by the run's own receipt, and by
 * what AWS lists when it is asked past all of Slipway's code.
 *
 * @param before the account as it was before the first push
 */
export async function takeAway(world: World, progress: Progress, checks: Checks, before: readonly string[]) {
  const { deliver: environment } = await readConfig(`${world.person.directory}/slipway.yaml`);
  progress.line();
  progress.line(`$ gh workflow run destroy.yml -f environment=${environment} -f confirm=${environment} -f images=delete`);
  const inputs = { environment, confirm: environment, images: "delete" };
  const run = await progress.stage("destroy", () =>
    world.runner.dispatch("destroy.yml", inputs, (line) => progress.line(line)),
  );
  progress.line();
  await checks.check("The dispatched run took the environment away", () => {
    insist(run.conclusion === "success", `it ended as ${run.conclusion}; logs: ${run.logs}`);
    return "";
  });
  await checks.check("AWS, asked directly, lists nothing that was not there before the first push", async () => {
    const left = (await listAll(world)).filter((each) => !before.includes(each));
    insist(left.length === 0, `there is ${left.join(", ")}`);
    return `${before.length} things, as before`;
  });
}

/** Everything that AWS lists, past the proxy and past Slipway's code. */
export function listAll({ emulator, region }: World): Promise<string[]> {
  return listAccount({ endpoint: emulator.endpoint, region, credentials: emulator.credentials });
}
