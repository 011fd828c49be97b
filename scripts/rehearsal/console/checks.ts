import { gitText } from "../../../actions/lib/git/git.ts";
import { type Checks, insist, insistSame } from "../checks/checks.ts";
import type { World } from "../world/parts.ts";
import { type ConsoleClient, openConsole } from "./client.ts";

/**
 * The console has the delivery that has brought it: its stages, and its proof.
 *
 * @returns somebody who is signed in; undefined when nobody could
 */
export async function checkConsole(world: World, checks: Checks): Promise<ConsoleClient | undefined> {
  let client: ConsoleClient | undefined;
  await checks.check(
    "The console lets one in by its link, and shows the delivery that brought it, with its proof",
    async () => {
      client = await openConsole(world);
      const anonymous = await fetch(`${client.url}/api/deliveries`);
      insist(anonymous.status === 401, `somebody who is not signed in was answered with ${anonymous.status}`);
      const run = world.runner.runs.at(-1);
      const { outcome, stages, proof, release } = await client.delivery(`${run?.number}-1`);
      insist(outcome === "succeeded", `the delivery is shown as ${outcome}`);
      const ran = stages.filter((each) => each.outcome === "succeeded").map(({ stage }) => stage);
      insistSame("stages", [...new Set(ran)], ["plan", "registry", "infra", "build", "release", "verify"]);
      const head = await gitText(world.server.directory, ["rev-parse", world.branch]);
      insist(release?.commit === head && proof?.commit === head, `it has no proof of ${head.slice(0, 7)}`);
      const pods = proof.apps.flatMap((app) => app.pods);
      return `${client.url}, ${stages.length} stages, ${pods.length} pods`;
    },
  );
  return client;
}

/** The console has every run so far, each as it ended. */
export async function checkAllDeliveries(world: World, checks: Checks, client: ConsoleClient): Promise<void> {
  await checks.check("The console has every delivery as it ended, the failed one too", async () => {
    const outcomes = { success: "succeeded", failure: "failed", cancelled: "cancelled", skipped: "skipped" } as const;
    const expected = world.runner.runs.map(({ number, conclusion }) => `${number} ${outcomes[conclusion]}`);
    const ids = world.runner.runs.map(({ number }) => number);
    const shown = await Promise.all(ids.map(async (id) => `${id} ${(await client.delivery(`${id}-1`)).outcome}`));
    insistSame("deliveries", shown, expected);
    return `${shown.length} deliveries`;
  });
}

/** The console has shown a delivery while it went on, and afterwards has it as it ended. */
export async function checkLiveDelivery(
  world: World,
  checks: Checks,
  client: ConsoleClient,
  events: ReturnType<ConsoleClient["watch"]>["events"],
): Promise<void> {
  await checks.check("The console has shown that delivery while it went on, stage by stage", async () => {
    const id = `${world.runner.runs.at(-1)?.number}-1`;
    const seen = events.filter((each) => each.id === id);
    const running = new Set(seen.filter(({ outcome }) => outcome === "running").map(({ stage }) => stage));
    for (const stage of ["build", "release", "verify"] as const)
      insist(running.has(stage), `it was not seen in ${stage}: ${[...running].join(", ") || "no event came"}`);
    const delivery = await client.delivery(id);
    insist(delivery.outcome === "succeeded", `afterwards it is ${delivery.outcome}`);
    return `${seen.length} events`;
  });
}
