import { expect, it } from "vitest";
import * as z from "zod";
import { parseYaml } from "./yaml.ts";

const aliases = Array.from({ length: 9 }, (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`);

it.each([
  ["aliases of aliases", ["l0: &l0 [lol]", ...aliases].join("\n"), /^slipway\.yaml: Excessive alias count/],
  ["an alias of its own", "a: &a [*a]", /^slipway\.yaml:/],
  ["nesting without bottom", "[".repeat(200_000), /^slipway\.yaml:/],
])("refuses %s in one line", (_, text, message) => {
  let thrown: unknown;
  try {
    parseYaml(z.record(z.string(), z.string()), text, "slipway.yaml", "Look at the README.");
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "SlipwayError", message: expect.stringMatching(message) });
  expect((thrown as Error).message).not.toContain("\n");
});
