import type { Config } from "../lib/config/config.ts";
import { type GitHub, repositoryUrl } from "../lib/github/github.ts";
import { describeEnd, describeRemains, type Lease, leasesOf } from "../lib/lifecycle/lease.ts";
import type { VolumePolicy } from "../lib/lifecycle/policies.ts";
import { goneSince } from "../lib/receipt/saved.ts";
import { code, codeBlock, link, safe, type Markdown, markdownTable, paragraphs, text } from "../lib/core/markdown.ts";
import type { StateStore } from "../lib/terraform/state/store.ts";

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
export function leaseSummary(leases: readonly WatchedLease[]): Markdown {
  if (leases.length === 0)
    return safe`### No environment has a lease\n\n\`./slipway lease ENVIRONMENT --until DATE\` sets one.`;
  const rows = leases.map(({ environment, until, remains, volumes, state, gone }) => [
    ...[environment, describeEnd(until), describeRemains(remains), volumes].map((each) => text(each)),
    gone
      ? safe`gone since ${text(gone.slice(0, 16).replace("T", " "))} UTC`
      : state === "ended"
        ? safe`**is taken away**`
        : text(state),
  ]);
  return safe`### Leases\n\n${markdownTable(["Environment", "Until", "Remains", "Volumes", "State"], rows)}`;
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
  const command = `./slipway lease ${environment} --until ${later}   # or --off, to keep it without an end`;
  const keep = paragraphs(codeBlock(command, "sh"), safe`It counts once it is committed and pushed.`);
  const are = text(volumesAre[volumes]);
  if (state === "ending")
    return {
      title: `The environment ${environment} ends on ${end}`,
      body: safe`Its lease in \`slipway.yaml\` ends on **${text(end)}**. Within about an hour after that, the workflow \`lease\` takes the environment away; its volumes are ${are}.\n\nTo keep it longer:\n\n${keep}\n\nThis issue is closed when the lease is prolonged or the environment is gone.`,
    };
  const server = repositoryUrl();
  const workflow = safe`the workflow ${code("lease")}`;
  const runs = server ? link(`${server}/actions/workflows/lease.yml`, workflow) : workflow;
  return {
    title: `The environment ${environment} has ended and is taken away`,
    body: safe`Its lease in \`slipway.yaml\` ended on **${text(end)}**, so ${runs} takes it away; its volumes are ${are}. A run that fails is tried again about every hour.\n\nTo have it back, prolong the lease, and then run the workflow \`deliver\` by hand:\n\n${keep}\n\nThis issue is closed when a receipt shows that nothing is left.`,
  };
}

function lastWord(environment: string, lease: WatchedLease | undefined): Markdown {
  if (!lease) return safe`The environment ${text(environment)} has no lease any more: it stays.`;
  if (lease.gone)
    return safe`The environment ${text(environment)} is gone: the receipt of ${text(lease.gone)} shows that nothing is left.`;
  return safe`The lease of ${text(environment)} now ends on ${text(describeEnd(lease.until))}.`;
}
