import { appendFile } from "node:fs/promises";
import { printable } from "./printable.ts";

/** A cell of a Markdown table: text that may hold a pipe or a line's end, which would break the table. */
function cell(value: string | number): string {
  return String(value).replaceAll("|", "\\|").replace(/\r?\n/g, "<br>");
}

/**
 * Text of others, such as a name or a tag, as Markdown shows it without obeying it: no links, mentions, HTML or styles.
 * Cut to `longest` characters.
 */
export function markdownText(text: string, longest = 300): string {
  const whole = printable(text);
  const short = whole.length > longest ? `${whole.slice(0, longest - 1)}…` : whole;
  return short
    .replace(/[\\`*_{}[\]()#+!~]/g, "\\$&")
    .replace(/[&<>@]/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
}

/** A GitHub-flavoured Markdown table. Each row has as many cells as `header`. */
export function markdownTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Bytes as a person reads them: `48.2 MB` (decimal units, as ECR's console shows them). */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds as a person reads them: `0.4 s`, `12 s`, `3 min 20 s`. */
export function formatDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (Math.round(seconds) < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Appends Markdown to the job summary; does nothing where there is none, outside of GitHub Actions. */
export async function writeSummary(markdown: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if (env.GITHUB_STEP_SUMMARY) await appendFile(env.GITHUB_STEP_SUMMARY, `${markdown}\n\n`);
}
