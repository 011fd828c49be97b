/** Control characters but tab and the end of a line, and those that turn the direction of writing. */
const commanding = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others, such as a log, as a terminal shows it without obeying it: `\x1b` and the like come out as escapes. */
export function printable(text: string): string {
  return text.replace(commanding, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}

/**
 * Text of others as GitHub's runner shows it without obeying it. The runner takes `::command::` at the start of a line,
 * behind any white space, and the older `##[command]` anywhere in a line; a space inside breaks both.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
export function printableInRunner(text: string): string {
  return printable(text)
    .replace(/^(\s*):(?=:)/gm, "$1: ")
    .replaceAll("##[", "## [");
}
