import type { Config } from "./config.ts";
import { type GitHub, repositoryUrl } from "./github.ts";
import { describeEnd, describeRemains, type Lease, leasesOf } from "./lease.ts";
import type { VolumePolicy } from "./lifecycle/policies.ts";
import { goneSince } from "./receipt/saved.ts";
import { markdownTable } from "./summary.ts";
import type { StateStore } from "./terraform/state-store.ts";

/** A lease, and since when its environment is gone; only asked for where its end is near or past. */
export type WatchedLease = Lease & { gone?: string | undefined };

/** What becomes of volumes, as a sentence goes on after "its volumes are". */
const volumesAre: Record<VolumePolicy, string> = {
  delete: "deleted",
  snapshot: "kept as snapshots",
  keep: "kept",
};

const label = "lease";
const marker = (environment: string) => `slipway-lease-${environment}`;

/**
 * Looks at every lease, and asks the state bucket whether those environments whose end is near or past are gone already.
 *
 * @throws SlipwayError when the bucket cannot be read: nothing is to be taken away on a guess
 */
export async function watchLeases(question: {
  config: Config;
  now: Date;
  warnDays: number;
  /** The state bucket. */
  store: StateStore;
}): Promise<WatchedLease[]> {
  const { config, now, warnDays, store } = question;
  return Promise.all(
    leasesOf(config, now, warnDays).map(async (lease) =>
      lease.state === "running" ? lease : { ...lease, gone: await goneSince(store, config, lease.environment) },
    ),
  );
}

/** The environments to take away now, and what becomes of their volumes: a matrix of jobs. */
export function endedLeases(leases: readonly WatchedLease[]): { environment: string; volumes: VolumePolicy }[] {
  return present(leases, "ended").map(({ environment, volumes }) => ({ environment, volumes }));
}

/** The environments that end soon. */
export function endingLeases(leases: readonly WatchedLease[]): { environment: string; ends: string }[] {
  return present(leases, "ending").map(({ environment, ends }) => ({ environment, ends }));
}

function present(leases: readonly WatchedLease[], state: Lease["state"]): WatchedLease[] {
  return leases.filter((lease) => lease.state === state && lease.gone === undefined);
}

/** The leases as a job summary, in Markdown. */
export function leaseSummary(leases: readonly WatchedLease[]): string {
  if (leases.length === 0)
    return "### No environment has a lease\n\n`./slipway lease ENVIRONMENT --until DATE` sets one.";
  const rows = leases.map(({ environment, until, remains, volumes, state, gone }) => [
    ...[environment, describeEnd(until), describeRemains(remains), volumes],
    gone ? `gone since ${gone.slice(0, 16).replace("T", " ")} UTC` : state === "ended" ? "**is taken away**" : state,
  ]);
  return `### Leases\n\n${markdownTable(["Environment", "Until", "Remains", "Volumes", "State"], rows)}`;
}

/**
 * Keeps one issue for each environment that ends soon or is being taken away, and closes those of the others with why.
 *
 * @throws SlipwayError when GitHub refuses
 */
export async function tellOfLeases(
  github: Pick<GitHub, "upsertIssue" | "closeIssue">,
  config: Config,
  leases: readonly WatchedLease[],
): Promise<void> {
  for (const environment of Object.keys(config.environments)) {
    const lease = leases.find((each) => each.environment === environment);
    const news = lease && newsOf(lease);
    if (news) await github.upsertIssue(marker(environment), { ...news, label });
    else await github.closeIssue(marker(environment), label, lastWord(environment, lease));
  }
}

/** What an issue says of a lease; the same as long as nothing happens, so without what remains. */
function newsOf({ environment, until, ends, volumes, state, gone }: WatchedLease) {
  if (state === "running" || gone !== undefined) return undefined;
  const end = describeEnd(until);
  const later = new Date(Date.parse(ends) + 7 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  const keep = [
    "```sh",
    `./slipway lease ${environment} --until ${later}   # or --off, to keep it without an end`,
    "```",
    "",
    "It counts once it is committed and pushed.",
  ].join("\n");
  if (state === "ending")
    return {
      title: `The environment ${environment} ends on ${end}`,
      body: `Its lease in \`slipway.yaml\` ends on **${end}**. Within about an hour after that, the workflow \`lease\` takes the environment away; its volumes are ${volumesAre[volumes]}.\n\nTo keep it longer:\n\n${keep}\n\nThis issue is closed when the lease is prolonged or the environment is gone.`,
    };
  const server = repositoryUrl();
  const runs = server ? `[the workflow \`lease\`](${server}/actions/workflows/lease.yml)` : "the workflow `lease`";
  return {
    title: `The environment ${environment} has ended and is taken away`,
    body: `Its lease in \`slipway.yaml\` ended on **${end}**, so ${runs} takes it away; its volumes are ${volumesAre[volumes]}. A run that fails is tried again about every hour.\n\nTo have it back, prolong the lease, and then run the workflow \`deliver\` by hand:\n\n${keep}\n\nThis issue is closed when a receipt shows that nothing is left.`,
  };
}

function lastWord(environment: string, lease: WatchedLease | undefined): string {
  if (!lease) return `The environment ${environment} has no lease any more: it stays.`;
  if (lease.gone)
    return `The environment ${environment} is gone: the receipt of ${lease.gone} shows that nothing is left.`;
  return `The lease of ${environment} now ends on ${describeEnd(lease.until)}.`;
}
