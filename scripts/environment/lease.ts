import { parseDocument } from "yaml";
import { leaseUntil, parseConfig } from "../../actions/lib/config/config.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { describeEnd, describeRemains, type Lease, leaseEnd } from "../../actions/lib/lifecycle/lease.ts";
import type { VolumePolicy } from "../../actions/lib/lifecycle/policies.ts";
import { textTable } from "../terminal/text-table.ts";
import { removeYaml, setYaml } from "./yaml-text.ts";

/** What a lease says in slipway.yaml; `volumes` is left out where nobody chose. */
export interface LeaseSetting {
  until: string;
  volumes?: VolumePolicy | undefined;
}

/**
 * Checks when a new lease is to end.
 *
 * @throws SlipwayError for what is not a date, is past, or is more than a year ahead, which is more likely a slip
 */
export function checkUntil(until: string, now: Date): void {
  const allowed = "Allowed: a date such as 2026-12-01, or a time in UTC such as 2026-12-01T18:00:00Z";
  if (!leaseUntil.safeParse(until).success)
    throw new SlipwayError(`--until is ${JSON.stringify(until)}, which is not a date.`, { next: `${allowed}.` });
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + 1);
  const last = latest.toISOString().slice(0, 10);
  if (leaseEnd(until) <= now)
    throw new SlipwayError(`--until is ${until}, which is past.`, { next: `Allowed: any day up to ${last}.` });
  if (leaseEnd(until) > leaseEnd(last))
    throw new SlipwayError(`--until is ${until}, which is more than a year ahead.`, {
      next: `Allowed: any day up to ${last}; without a lease the environment stays (--off).`,
    });
}

/**
 * The text of slipway.yaml with a lease set or removed. Nothing else of it changes, comments and layout included.
 *
 * @param environment one of those in the text
 * @param lease undefined removes it; without `volumes`, those of the lease that is there stay
 */
export function withLease(text: string, environment: string, lease: LeaseSetting | undefined): string {
  const path = ["environments", environment, "lease"];
  if (!lease) return removeYaml(text, path);
  const { until, volumes } = lease;
  if (!parseDocument(text).hasIn(path)) return setYaml(text, path, { until, ...(volumes && { volumes }) });
  const prolonged = setYaml(text, [...path, "until"], until);
  return volumes ? setYaml(prolonged, [...path, "volumes"], volumes) : prolonged;
}

/** As `withLease`, and checked as slipway.yaml is read. @throws SlipwayError as `parseConfig` does */
export function changeLease(text: string, environment: string, lease: LeaseSetting | undefined): string {
  const changed = withLease(text, environment, lease);
  parseConfig(changed);
  return changed;
}

/** Leases for a terminal, also of environments that have none. */
export function describeLeases(environments: readonly string[], leases: readonly Lease[]): string {
  const ofLeases = leases.map(({ environment, until, volumes, remains }) => [
    environment,
    describeEnd(until),
    volumes,
    describeRemains(remains),
  ]);
  const others = environments.filter((name) => !leases.some(({ environment }) => environment === name));
  return textTable(
    ["Environment", "Lease until", "Volumes", "Remains"],
    [...ofLeases, ...others.map((name) => [name, "no end", "", ""])],
  );
}
