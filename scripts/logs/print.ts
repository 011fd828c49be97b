import { once } from "node:events";
import type { Writable } from "node:stream";
import { styleText } from "node:util";
import { printable } from "../../actions/lib/core/printable.ts";
import type { LogLine } from "./containers.ts";

const colours = ["cyan", "yellow", "green", "magenta", "blue", "red"] as const;

/** How lines are shown. */
export interface PrintOptions {
  /** One JSON object a line. */
  json: boolean;
  /** Colours for the pods' names. */
  colour: boolean;
}

/** Prints log lines, each pod's name in a colour of its own. What they say is text of others and never obeyed. */
export function linePrinter(output: Writable, { json, colour }: PrintOptions): (line: LogLine) => Promise<void> {
  const known = new Map<string, (typeof colours)[number]>();
  const prefix = ({ pod, container }: LogLine) => {
    const text = `${pod}/${container}`;
    if (!colour) return text;
    const format = known.get(pod) ?? colours[known.size % colours.length] ?? "cyan";
    known.set(pod, format);
    return styleText(format, text, { validateStream: false });
  };
  return async (line) => {
    // JSON escapes what is below the space; the rest that a terminal obeys is beyond ASCII.
    const text = json
      ? JSON.stringify(line).replace(/[\x7f-\x9f]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`)
      : `${prefix(line)} ${printable(line.line)}`;
    if (!output.write(`${text}\n`)) await once(output, "drain");
  };
}
