/** Words for numbers and times in a locale, by the platform's own `Intl`. No state, no Angular. */

const units = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

/**
 * A duration in its two largest units, such as "4m 12s". (`Intl.DurationFormat` is too young for the browsers
 * that Angular supports.)
 */
export function formatDuration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const first = units.findIndex((each) => whole >= each.seconds);
  if (first === -1) return unit(0, "second", locale);
  let rest = whole;
  const words: string[] = [];
  for (const each of units.slice(first, first + 2)) {
    const count = Math.floor(rest / each.seconds);
    rest -= count * each.seconds;
    if (count > 0) words.push(unit(count, each.unit, locale));
  }
  return words.join(" ");
}

function unit(value: number, name: string, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "narrow" }).format(value);
}

/** How long ago (or ahead) an instant is, in its largest unit: "3 minutes ago". */
export function formatAge(at: number, now: number, locale: string): string {
  const seconds = (at - now) / 1_000;
  const { unit: name, seconds: size } = units.find((each) => Math.abs(seconds) >= each.seconds) ?? units[3];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.trunc(seconds / size), name);
}

/** A date with its time to the minute. */
export function formatInstant(at: number, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    dateStyle: "medium",
    timeStyle: "short",
    ...(timeZone && { timeZone }),
  }).format(at);
}

/** A time of day to the second: for what happens within one delivery. */
export function formatTime(at: number, locale: string, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "medium", ...(timeZone && { timeZone }) }).format(at);
}

/** A day of the calendar in UTC, in which the measures' intervals begin. */
export function formatDay(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone: "UTC" }).format(at);
}

/** A month of the calendar in UTC. */
export function formatMonth(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { month: "short", year: "numeric", timeZone: "UTC" }).format(at);
}

/** A share of 0 to 1 as a percentage. */
export function formatShare(share: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** An amount of money a month. */
export function formatUsd(amount: number, locale: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD" }).format(amount);
}

/** The first characters of a commit or of a digest, as its tools show it. */
export function shorten(id: string): string {
  return id.startsWith("sha256:") ? id.slice(7, 19) : id.slice(0, 7);
}
