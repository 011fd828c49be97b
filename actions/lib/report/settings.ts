import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { z } from "zod";
import { architectureOfImages, configSchema, parseConfig } from "../config/config.ts";
import type { NodeArchitecture } from "../config/nodes.ts";
import { explain } from "../core/errors.ts";

/** What a report needs of `slipway.yaml`. */
export interface ReportSettings {
  /** The environment of a run that does not name one. */
  deliver: string;
  /** Where the state bucket and the images are; nothing where that cannot be read. */
  place?: { project: string; account: string; region: string };
  /** The processors that images are built for; nothing where that cannot be read. */
  architecture?: NodeArchitecture;
  /** What is wrong with the file; nothing where all is well. */
  problem?: string;
}

/**
 * Reads what a report needs of `slipway.yaml`, and nothing else of it: a delivery that failed because something in the
 * file is wrong is reported all the same.
 *
 * @param path the file's path; one that is missing or no YAML gives the usual environment and no place
 */
export async function readReportSettings(path: string): Promise<ReportSettings> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return { deliver: usual, problem: `${path} cannot be read.` };
  try {
    const config = parseConfig(text, path);
    const { deliver, project, aws } = config;
    const place = { project, account: aws.account, region: aws.region };
    return { deliver, place, architecture: architectureOfImages(config) };
  } catch (error) {
    const problem = explain(error);
    const { deliver = usual, project, aws } = lenient.parse(looseYaml(text));
    const place = { project, account: aws?.account, region: aws?.region };
    const { success, data } = placeSchema.safeParse(place);
    return { deliver, ...(success ? { place: data } : {}), problem };
  }
}

const usual = "dev";
const { project, aws, deliver } = configSchema.shape;
const placeSchema = z.object({ project, account: aws.shape.account, region: aws.shape.region });
const lenient = z
  .object({
    deliver: deliver.optional().catch(undefined),
    project: project.optional().catch(undefined),
    aws: z
      .object({
        account: aws.shape.account.optional().catch(undefined),
        region: aws.shape.region.optional().catch(undefined),
      })
      .optional()
      .catch(undefined),
  })
  .catch({});

/** What can be read of a text that may be no YAML; nothing where that fails, too. */
function looseYaml(text: string): unknown {
  try {
    return parseDocument(text, { uniqueKeys: false }).toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
}
