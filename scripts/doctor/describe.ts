import { countLevels } from "../../actions/lib/doctor/examine.ts";
import type { Finding, FindingLevel } from "../../actions/lib/doctor/finding.ts";
import { printable } from "../../actions/lib/core/printable.ts";
import { textWidth } from "../terminal/text-table.ts";

/** How findings are written. */
export interface Style {
  /** Columns of the terminal; lines are not broken when left out. */
  width?: number | undefined;
  /** Marks a level's word, as with a colour; it stays as it is when left out. */
  mark?: ((level: FindingLevel, word: string) => string) | undefined;
}

/** From the least to what has to be done first: a terminal shows the end. */
const order: readonly FindingLevel[] = ["ok", "not-looked-at", "advice", "unprotected", "blocks"];

const words: Record<FindingLevel, string> = {
  ok: "ok",
  "not-looked-at": "not looked at",
  advice: "advice",
  unprotected: "UNPROTECTED",
  blocks: "BLOCKS",
};
const column = Math.max(...Object.values(words).map(textWidth)) + 2;

/**
 * Findings as a person reads them. What several checks say alike is told once, with all of their titles; the same advice is
 * given once.
 */
export function describe(findings: readonly Finding[], style: Style = {}): string {
  const given = new Set<string>();
  const lines = order.flatMap((level) =>
    alike(findings.filter((each) => each.level === level)).flatMap(({ titles, says, next }) => {
      const word = style.mark?.(level, words[level]) ?? words[level];
      const text = [...wrapped(sentence(titles, says), style.width), ...advice(next, given)];
      return text.map((line, index) => (index === 0 ? padded(word, words[level]) : " ".repeat(column)) + line);
    }),
  );
  return [...lines, "", sum(findings)].join("\n");
}

/** Where many checks say the same, what they say comes first. */
const sentence = (titles: readonly string[], says: string) =>
  titles.length > 3 ? `${says} (${titles.length} checks: ${titles.join(", ")})` : `${titles.join(", ")}: ${says}`;

/** A word in the first column, whose marks take no room. */
const padded = (word: string, plain: string) => word + " ".repeat(column - textWidth(plain));

function alike(findings: readonly Finding[]): { titles: string[]; says: string; next: string | undefined }[] {
  const groups = new Map<string, { titles: string[]; says: string; next: string | undefined }>();
  for (const { title, says, next } of findings) {
    const group = groups.get(says) ?? { titles: [], says: printable(says).replaceAll("\n", " "), next };
    if (!group.titles.includes(title)) group.titles.push(title);
    groups.set(says, group);
  }
  return [...groups.values()];
}

/** A command stays on one line, to be copied. */
function advice(next: string | undefined, given: Set<string>): string[] {
  if (next === undefined || given.has(next)) return [];
  given.add(next);
  return [`→ ${printable(next).replaceAll("\n", " ")}`];
}

function wrapped(text: string, width: number | undefined): string[] {
  const room = width === undefined ? Number.POSITIVE_INFINITY : Math.max(40, width - column);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && textWidth(`${line} ${word}`) > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The last line: how it stands, and how many there are of each. */
export function sum(findings: readonly Finding[]): string {
  const counts = countLevels(findings);
  const verdict =
    counts.blocks > 0
      ? `${count(counts.blocks, "finding")} ${counts.blocks === 1 ? "blocks" : "block"} a delivery`
      : "Nothing that was looked at blocks a delivery";
  const rest = [
    ...(counts.unprotected > 0 ? [`${counts.unprotected} unprotected`] : []),
    ...(counts.advice > 0 ? [`${counts.advice} advised`] : []),
    `${counts.ok} ok`,
    ...(counts["not-looked-at"] > 0 ? [`${counts["not-looked-at"]} not looked at`] : []),
  ];
  return `${counts.blocks > 0 ? "✗" : "✓"} ${verdict}; ${rest.join(", ")}.`;
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
