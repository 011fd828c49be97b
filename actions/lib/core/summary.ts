import { appendFile, stat } from "node:fs/promises";
import { cutMarkdown, type Markdown, safe } from "./markdown.ts";

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

/** GitHub takes no step's summary above this: https://docs.github.com/en/actions/reference/limits */
const mostBytes = 1024 * 1024;

/**
 * Appends Markdown to the job summary, cut where GitHub would refuse the whole of it. Does nothing where there is none,
 * outside of GitHub Actions.
 */
export async function writeSummary(markdown: Markdown, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  const file = env.GITHUB_STEP_SUMMARY;
  if (!file) return;
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  const note = safe`*Cut: GitHub's limit is reached. The log has the rest.*`;
  const room = mostBytes - size - 2;
  if (room > 10_000) await appendFile(file, `${cutMarkdown(markdown, room, "bytes", note)}\n\n`);
}
