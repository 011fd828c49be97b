import { inject, Pipe, type PipeTransform } from "@angular/core";
import { formatDuration, formatInstant, formatShare, formatTime, formatUsd, shorten } from "./format";
import { REGION } from "./region";

/** Seconds as words. */
@Pipe({ name: "duration" })
export class DurationPipe implements PipeTransform {
  readonly #region = inject(REGION);

  transform(seconds: number): string {
    return formatDuration(seconds, this.#region);
  }
}

/** An ISO instant as date and time, or as the time of day alone. */
@Pipe({ name: "instant" })
export class InstantPipe implements PipeTransform {
  readonly #region = inject(REGION);

  transform(iso: string, part: "both" | "time" = "both"): string {
    const at = Date.parse(iso);
    return part === "time" ? formatTime(at, this.#region) : formatInstant(at, this.#region);
  }
}

/** A share of 0 to 1 as a percentage. */
@Pipe({ name: "share" })
export class SharePipe implements PipeTransform {
  readonly #region = inject(REGION);

  transform(share: number): string {
    return formatShare(share, this.#region);
  }
}

/** An amount in US dollars. */
@Pipe({ name: "usd" })
export class UsdPipe implements PipeTransform {
  readonly #region = inject(REGION);

  transform(amount: number): string {
    return formatUsd(amount, this.#region);
  }
}

/** A commit or digest, shortened. */
@Pipe({ name: "shorten" })
export class ShortenPipe implements PipeTransform {
  transform(id: string): string {
    return shorten(id);
  }
}
