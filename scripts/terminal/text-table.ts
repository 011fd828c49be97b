const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What a terminal draws two columns wide: East Asian letters and most emoji. */
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const invisible = /^[\p{M}\p{Cf}\p{Cc}]*$/u;

/** How many columns a terminal takes for a text without control characters. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += invisible.test(segment) ? 0 : wide.test(segment) ? 2 : 1;
  return width;
}

/** The text with spaces up to a width in columns: after it, or before it with `start`. A longer one stays as it is. */
export function padText(text: string, width: number, side: "start" | "end" = "end"): string {
  const spaces = " ".repeat(Math.max(0, width - textWidth(text)));
  return side === "start" ? spaces + text : text + spaces;
}

/** The text, cut with `…` where it is wider than a number of columns. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    if (textWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/**
 * A table for a terminal: columns as wide as their widest cell, two spaces apart, no lines drawn.
 *
 * @param numbers the columns whose cells end below each other, by index; those of all others begin below each other
 */
export function textTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => textWidth(row[column] ?? ""))));
  return all
    .map((row) =>
      row
        .map((cell, column) => padText(cell, widths[column] ?? 0, numbers.includes(column) ? "start" : "end"))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
