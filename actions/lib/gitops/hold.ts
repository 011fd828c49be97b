import { stringify } from "yaml";
import * as z from "zod";
import { parseYaml } from "../core/yaml.ts";

const schema = z.strictObject({
  reason: z.string().trim().min(1, "must say why").describe("Why releases leave the app alone; shown by each of them."),
  since: z
    .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: "use a date such as 2026-03-31" })
    .optional(),
  images: z.array(z.string().min(1)).min(1).optional().describe("Only these images; every image of the app if absent."),
});

/** A person's wish that releases leave an app alone in an environment. */
export type Hold = z.infer<typeof schema>;

/** Reads a `hold.yaml`. @param path only named in errors @throws SlipwayError when it does not fit the schema */
export function parseHold(text: string, path: string): Hold {
  return parseYaml(schema, text, path, 'A hold is "reason: <text>", with "since" and "images" if you like.');
}

/** The text of a `hold.yaml`. */
export function renderHold(hold: Hold): string {
  return `# Releases leave this app as it is for as long as this file is here.\n${stringify(hold)}`;
}
