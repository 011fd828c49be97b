/** A calendar day without a time or a zone: `2026-11-30`. Days compare as texts. */
export type Day = string;

const dayLength = 86_400_000;

/** Days since 1970-01-01. @throws RangeError for anything other than a real day as `YYYY-MM-DD` */
export function dayNumber(day: Day): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : NaN;
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day)
    throw new RangeError(`"${day}" is not a day. Write it as YYYY-MM-DD.`);
  return time / dayLength;
}

/** The day so many days after another, or before it. */
export function addDays(day: Day, count: number): Day {
  return new Date((dayNumber(day) + count) * dayLength).toISOString().slice(0, 10);
}

/** Days from one to another; negative where the other is earlier. */
export const daysBetween = (from: Day, to: Day): number => dayNumber(to) - dayNumber(from);

/** The Monday of a day's week (ISO 8601). */
export const weekOf = (day: Day): Day => addDays(day, -((((dayNumber(day) + 3) % 7) + 7) % 7));

/** The first day of a day's month. */
export const monthOf = (day: Day): Day => `${day.slice(0, 7)}-01`;

/** Every day from one to another, both included; none where `to` is earlier. */
export function daysIn(from: Day, to: Day): Day[] {
  return Array.from({ length: Math.max(0, daysBetween(from, to) + 1) }, (_, index) => addDays(from, index));
}

/**
 * The calendar day of an instant where the person is.
 *
 * @param instant ISO 8601 in UTC
 * @param zone a name of https://www.iana.org/time-zones, such as `America/Bogota`
 * @throws RangeError for an unknown zone
 */
export function dayAt(instant: string, zone: string): Day {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  }).formatToParts(new Date(instant));
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}
