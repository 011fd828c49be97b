import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import type { LogLine } from "./containers.ts";
import { linePrinter, type PrintOptions } from "./print.ts";

const line = (pod: string, said: string): LogLine => ({
  time: "2026-01-01T00:00:00Z",
  pod,
  container: "main",
  line: said,
});

async function printed(lines: LogLine[], options: PrintOptions): Promise<string> {
  // Smaller than what is written, so that the printer has to wait for its reader.
  const output = new PassThrough({ highWaterMark: 16 });
  const all = text(output);
  const print = linePrinter(output, options);
  for (const each of lines) await print(each);
  output.end();
  return all;
}

it("shows who said what, and obeys nothing of it", async () => {
  const lines = [line("api-1", "plain\ttext"), line("web-1", "\x1b]0;title\x07 \x9b2J")];
  expect(await printed(lines, { json: false, colour: false })).toBe(
    `api-1/main plain\ttext\nweb-1/main ${String.raw`\x1b]0;title\x07 \x9b2J`}\n`,
  );
  const coloured = await printed([...lines, ...lines], { json: false, colour: true });
  const colours = coloured.split("\n").map((each) => each.slice(1, each.indexOf("m")));
  expect(colours.slice(0, 4)).toEqual([colours[0], colours[1], colours[0], colours[1]]);
  expect(colours[0]).not.toBe(colours[1]);
});

it("prints one JSON object a line, with everything that was said", async () => {
  const said = "\x1b[31m \x9b2J \x7f ñ 漢";
  const json = await printed([line("api-1", said)], { json: true, colour: false });
  expect(json.trimEnd()).not.toMatch(/\p{Cc}/u);
  expect(JSON.parse(json)).toEqual(line("api-1", said));
});
