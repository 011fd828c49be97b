import { SlipwayError } from "../../actions/lib/core/errors.ts";

/**
 * A document with something else between two marks, which stay.
 *
 * @param path the document's, for the error
 * @throws SlipwayError when the marks are not there, one behind the other
 */
export function replaceBetween(
  text: string,
  path: string,
  [begin, end]: readonly [begin: string, end: string],
  content: string,
): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end, from);
  if (from < 0 || to < from)
    throw new SlipwayError(`${path} has no "${begin}" followed by "${end}".`, {
      next: "Put both where the table goes.",
    });
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}
