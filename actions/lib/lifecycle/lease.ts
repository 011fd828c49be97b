import type { Config } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import type { VolumePolicy } from "./policies.ts";

/** The lease of an environment at one moment. */
export interface Lease {
  environment: string;
  /** As slipway.yaml says it. */
  until: string;
  volumes: VolumePolicy;
  /** The moment of its end, ISO 8601. */
  ends: string;
  /** Milliseconds until its end, from when it was looked at; negative after it. */
  remains: number;
  state: "running" | "ending" | "ended";
}

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** Days before its end from which on a lease is `ending`, unless somebody says otherwise. */
export const usualWarnDays = 2;

/** The moment of a lease's end. @param until as `leaseUntil` takes it: a date ends at its end, in UTC */
export function leaseEnd(until: string): Date {
  // A date alone is read as its beginning, in UTC: https://tc39.es/ecma262/#sec-date-time-string-format
  return new Date(Date.parse(until) + (isDate(until) ? day : 0));
}

/** The lease of each environment that has one, in the order of their ends. */
export function leasesOf({ environments }: Pick<Config, "environments">, now: Date, warnDays = usualWarnDays): Lease[] {
  return Object.entries(environments)
    .flatMap(([environment, { lease }]) => (lease ? [{ environment, ...lease, ends: leaseEnd(lease.until) }] : []))
    .sort((one, other) => one.ends.getTime() - other.ends.getTime())
    .map(({ ends, ...lease }) => {
      const remains = ends.getTime() - now.getTime();
      const state = remains <= 0 ? "ended" : remains <= warnDays * day ? "ending" : "running";
      return { ...lease, ends: ends.toISOString(), remains, state };
    });
}

/** Why an environment must not be taken away by itself at that moment; undefined when its lease has ended. */
export function leaseRuns(config: Pick<Config, "environments">, environment: string, now: Date): string | undefined {
  const lease = leasesOf(config, now).find((each) => each.environment === environment);
  if (!lease) return `The environment ${environment} has no lease any more.`;
  return lease.state === "ended" ? undefined : `The lease of ${environment} ends on ${describeEnd(lease.until)}.`;
}

/** @throws SlipwayError with reason `lease-ended` when nothing is to be brought to an environment any more */
export function refuseEnded(config: Pick<Config, "environments">, environment: string, now: Date): void {
  const lease = leasesOf(config, now).find((each) => each.environment === environment);
  if (lease?.state !== "ended") return;
  throw new SlipwayError(
    `The lease of ${environment} ended on ${describeEnd(lease.until)}, so the workflow "lease" takes it away.`,
    {
      next: `To have it back, commit what ./slipway lease ${environment} --until DATE (or --off) writes, then run this again.`,
      reason: "lease-ended",
    },
  );
}

/** A lease's end for a person: `2026-12-01, 24:00 UTC`. */
export function describeEnd(until: string): string {
  if (isDate(until)) return `${until}, 24:00 UTC`;
  const [date, time = ""] = leaseEnd(until).toISOString().split("T");
  return `${date}, ${time.slice(0, 5)} UTC`;
}

/** What remains of a lease, or how long it is over: `3 days`, `5 h`, `ended 2 days ago`. */
export function describeRemains(remains: number): string {
  const length = describeSpan(Math.abs(remains));
  return remains > 0 ? length : `ended ${length} ago`;
}

/** A span of time in its largest unit: `40 min`, `5 h`, `3 days`. */
export function describeSpan(milliseconds: number): string {
  if (milliseconds < hour) return `${Math.floor(milliseconds / 60_000)} min`;
  if (milliseconds < 2 * day) return `${Math.floor(milliseconds / hour)} h`;
  return `${Math.floor(milliseconds / day)} days`;
}

function isDate(until: string): boolean {
  return !until.includes("T");
}
