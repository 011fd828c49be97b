import { Problem } from "@slipway/kit";
import { z } from "zod";
import { number, text } from "@slipway/contract/schemas.ts";

/** Where a page ends: the instant by which its list is sorted, then the run and attempt for those of one instant. */
export interface Position {
  at: string;
  run: string;
  attempt: number;
}

/** What every list may be asked. */
export const pageQuery = {
  limit: number(1, 200).default(50),
  /** The `next` of the page before. */
  cursor: text(200).optional(),
};

const positionSchema = z.tuple([z.iso.datetime(), z.string().regex(/^[1-9]\d{0,17}$/), z.int().min(1).max(9_999)]);

/** A position as a cursor. */
export function cursorOf({ at, run, attempt }: Position): string {
  return Buffer.from(JSON.stringify([at, run, attempt])).toString("base64url");
}

/**
 * The position that a cursor is of.
 *
 * @throws Problem 400 for an invalid cursor
 */
export function positionOf(cursor: string): Position {
  try {
    const [at, run, attempt] = positionSchema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
    return { at, run, attempt };
  } catch (cause) {
    throw new Problem(400, "The cursor is invalid: use one that a page gave.", { cause });
  }
}

/** One row more than a page was asked for tells whether there is another page. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  item: (row: Row) => Item,
  position: (row: Row) => Position,
): { items: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(item), next: rows.length > limit && last ? cursorOf(position(last)) : null };
}

/** The condition of a query, built from those that were asked for; its values are parameters. */
export class Conditions {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];
  readonly #shape: string[] = [];

  /** @param condition with `?` for the value; nothing is added without one */
  add(condition: string, value: unknown): void {
    if (value === undefined) return;
    this.#parts.push(condition.replace("?", this.value(value)));
    this.#shape.push(condition);
  }

  /** Only what comes after a position, newest first. */
  after(column: string, position: Position | undefined): void {
    if (!position) return;
    const [at, run, attempt] = [position.at, position.run, position.attempt].map((value) => this.value(value));
    this.#parts.push(`(${column}, run, attempt) < (${at}, ${run}, ${attempt})`);
    this.#shape.push("after");
  }

  /** A parameter's place. */
  value(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  get where(): string {
    return this.#parts.length > 0 ? `WHERE ${this.#parts.join(" AND ")}` : "";
  }

  /** Equal for queries of one text: a name for a prepared statement. */
  get shape(): string {
    return this.#shape.join("&");
  }
}
