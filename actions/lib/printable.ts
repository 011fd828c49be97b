/** Control characters but tab and the end of a line, and those that turn the direction of writing. */
const commanding = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others, such as a log, as a terminal shows it without obeying it: `\x1b` and the like come out as escapes. */
export function printable(text: string): string {
  return text.replace(commanding, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, "0")}` : `\\x${code.padStart(2, "0")}`;
  });
}
