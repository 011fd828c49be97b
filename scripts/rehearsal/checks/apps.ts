import { join } from "node:path";
import { appFiles } from "../../apps/app-files.ts";
import { publicServices } from "../cluster/inspector.ts";
import { exists } from "../../../actions/lib/core/files.ts";
import { get, inspectorOf } from "../live/checks.ts";
import type { World } from "../world/parts.ts";
import { type Checks, insist } from "./checks.ts";

/** What `apps/<app>/rehearsal.ts` exports as its default: checks of that app alone, in a world where it runs. */
export type AppChecks = (world: World, checks: Checks) => Promise<void>;

/** Every public app answers at its address, without a name of its own. */
export async function checkAddresses(world: World, checks: Checks): Promise<void> {
  await checks.check("Every public app answers at its address", async () => {
    const inspector = await inspectorOf(world);
    const services = await publicServices(inspector.kubernetes);
    const apps = [...new Set(services.map(({ metadata }) => metadata.namespace ?? ""))].sort();
    insist(apps.length > 0, "there is no public Service");
    const urls = await Promise.all(apps.map((app) => inspector.publicUrl(app)));
    for (const url of urls) await get(`${url}/`);
    return apps.map((app, index) => `${app} at ${urls[index]}`).join(", ");
  });
}

/** Does what the rehearsed apps bring. @throws whatever loading their files throws */
export async function checkApps(world: World, checks: Checks): Promise<void> {
  for (const { app, load } of appFiles<{ default: AppChecks }>("rehearsal.ts")) {
    if (!(await exists(join(world.person.directory, "gitops/apps", app)))) continue;
    await (await load()).default(world, checks);
  }
}
