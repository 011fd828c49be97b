import { readFile, writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { environmentOf, parseConfig, readConfig } from "../../actions/lib/config/config.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { describeEnd, describeRemains, leasesOf } from "../../actions/lib/lifecycle/lease.ts";
import { volumePolicies, type VolumePolicy } from "../../actions/lib/lifecycle/policies.ts";
import { changeLease, checkUntil, describeLeases } from "../environment/lease.ts";

interface LeaseOptions {
  until?: string;
  volumes?: VolumePolicy;
  off?: boolean;
  json?: boolean;
}

const file = "slipway.yaml";

/** `slipway lease`: shows, sets and removes the ends of environments. */
export function register(program: Command): void {
  program
    .command("lease")
    .description("show when environments end by themselves; with --until or --off, change one in slipway.yaml")
    .argument("[environment]", "one of those in slipway.yaml; all are shown when left out")
    .option("--until <date>", "its last day, until 24:00 UTC, or a time such as 2026-12-01T18:00:00Z")
    .addOption(new Option("--volumes <policy>", "what becomes of the apps' volumes then").choices(volumePolicies))
    .option("--off", "it stays until somebody takes it away")
    .option("--json", "print JSON")
    .action(async (environment: string | undefined, options: LeaseOptions) => {
      const now = new Date();
      const config = await readConfig(file);
      if (environment !== undefined) environmentOf(config, environment);
      if (options.until !== undefined || options.off || options.volumes) {
        process.stdout.write(await change(environment, options, now));
        return;
      }
      const wanted = Object.keys(config.environments).filter((name) => [name, undefined].includes(environment));
      const leases = leasesOf(config, now).filter((lease) => wanted.includes(lease.environment));
      process.stdout.write(`${options.json ? JSON.stringify(leases, null, 2) : describeLeases(wanted, leases)}\n`);
    });
}

/** Changes the lease in the working directory. @returns what to print @throws SlipwayError on a wrong wish */
async function change(environment: string | undefined, options: LeaseOptions, now: Date): Promise<string> {
  const { until, volumes, off = false } = options;
  if (environment === undefined) throw new SlipwayError("--until and --off need an environment.");
  if (off && (until !== undefined || volumes)) throw new SlipwayError("--off takes neither --until nor --volumes.");
  const text = await readFile(file, "utf8");
  const before = parseConfig(text).environments[environment]?.lease;
  if (off && !before) throw new SlipwayError(`${environment} has no lease in ${file}.`);
  const end = until ?? before?.until;
  if (!off && end === undefined)
    throw new SlipwayError("A lease needs an end.", { next: "Say it: --until 2026-12-01." });
  if (until !== undefined) checkUntil(until, now);
  const changed = changeLease(text, environment, end === undefined || off ? undefined : { until: end, volumes });
  await writeFile(file, changed);
  const lease = leasesOf(parseConfig(changed), now).find((each) => each.environment === environment);
  const subject = lease ? `Lease ${environment} until ${lease.until}` : `Keep ${environment} without an end`;
  const commit = `git commit -m "${subject}" ${file} && git push`;
  if (options.json) return `${JSON.stringify({ path: file, environment, lease: lease ?? null, commit })}\n`;
  const what = lease
    ? `${environment} ends on ${describeEnd(lease.until)} (${describeRemains(lease.remains)}); volumes: ${lease.volumes}`
    : `${environment} has no end any more`;
  return `${what}.\n${file} is changed. It counts once it is committed and pushed:\n  ${commit}\n`;
}
