import { formatDay, formatDuration, formatMonth, formatShare } from "@slipway/ui/format/format";
import type { DoraMeasure } from "./measure";
import type { Interval } from "./query";

/** A figure in its unit. */
export function wordFigure(value: number, unit: DoraMeasure["unit"], locale: string): string {
  if (unit === "seconds") return formatDuration(value, locale);
  if (unit === "share") return formatShare(value, locale);
  return new Intl.NumberFormat(locale).format(value);
}

/** An interval by its first day. */
export function wordInterval(start: string, interval: Interval, locale: string): string {
  const at = Date.parse(start);
  return interval === "month" ? formatMonth(at, locale) : formatDay(at, locale);
}
