import type { Command } from "commander";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** `slipway link`: a way in to an app that nobody sees without signing in. */
export function register(program: Command): void {
  program
    .command("link")
    .description("print a link that signs one person in to an app, good for one use")
    .argument("[app]", "an app that makes such links; the only one when left out")
    .argument("[environment]", 'one of those in slipway.yaml; the one under "deliver" when left out')
    .option("--json", "print JSON")
    .action(async (app: string | undefined, environment: string | undefined, options: { json?: boolean }) => {
      const { openTarget } = await import("../environment/target.ts");
      const { clusterAccess, clusterName } = await import("../../actions/lib/kubernetes/cluster.ts");
      const { openCluster } = await import("../../actions/lib/lifecycle/environment.ts");
      const { openKubectl } = await import("../../actions/lib/kubernetes/kubectl.ts");
      const { chooseLinkMaker, findLinkMakers, makeLink } = await import("../environment/link.ts");
      const target = await openTarget(environment, "link");
      const { config, credentials } = target;
      const kubernetes = await openCluster(config, target.environment, credentials);
      if (!kubernetes)
        throw new SlipwayError(`${target.environment} has no cluster.`, { next: "See ./slipway status." });
      const maker = chooseLinkMaker(await findLinkMakers(kubernetes), app);
      const name = clusterName(config, target.environment);
      const access = await clusterAccess({ name, region: config.aws.region, credentials });
      await using kubectl = await openKubectl({ access, signal: AbortSignal.timeout(60_000), log: () => {} });
      const link = await makeLink(kubernetes, kubectl, maker);
      process.stdout.write(options.json ? `${JSON.stringify({ app: maker.app, link })}\n` : `${link}\n`);
    });
}
