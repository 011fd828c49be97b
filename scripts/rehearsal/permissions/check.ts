import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { type Checks, insist } from "../checks/checks.ts";
import type { World } from "../world/parts.ts";
import { linesOf, readRecord, record, recordVariable } from "./record.ts";

/**
 * Compares the calls that roles have made with the record of them, by which every test knows whether each is allowed. All
 * of them, as they were made, are in `calls.json` next to the logs.
 */
export async function checkCalls(world: World, checks: Checks, logs: string): Promise<void> {
  const { proxy, region, account, person, names } = world;
  await writeFile(join(logs, "calls.json"), JSON.stringify(proxy.calls, null, 1));
  const { project, deliver: environment } = await readConfig(join(person.directory, "slipway.yaml"));
  const here = { project, environment, region, account, domain: names?.domain };
  await record("rehearsal", proxy.calls, here);
  await checks.check("The roles made no call that the record does not have", async () => {
    const known = new Set(await readRecord());
    const lines = await linesOf(proxy.calls, here);
    const unknown = lines.filter((line) => !known.has(line));
    const next = `to add them, set ${recordVariable}=1 and rehearse again`;
    insist(unknown.length === 0, `it lacks ${unknown.length}, and ${next}:\n${unknown.join("\n")}`);
    return `${lines.length} kinds of calls`;
  });
}
