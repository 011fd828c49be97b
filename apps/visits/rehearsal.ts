import { type Checks, insist } from "../../scripts/rehearsal/checks/checks.ts";
import { get, inspectorOf } from "../../scripts/rehearsal/live/checks.ts";
import type { World } from "../../scripts/rehearsal/world/parts.ts";

/** What visits shows in every rehearsal: its gateway shares requests among the pods. */
export default async function check(world: World, checks: Checks): Promise<void> {
  await checks.check("visits answers from more than one pod", async () => {
    const url = await (await inspectorOf(world)).publicUrl("visits");
    const names = new Set<string>();
    for (let count = 0; count < 10; count += 1)
      names.add((JSON.parse(await get(`${url}/`)) as { hostname: string }).hostname);
    insist(names.size > 1, `ten requests to ${url} were all answered by ${[...names].join()}`);
    return `ten requests, ${names.size} pods`;
  });
}
