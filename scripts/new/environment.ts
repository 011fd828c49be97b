import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Config, environmentOf, parseConfig } from "../../actions/lib/config/config.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { sameNames } from "../../actions/lib/gitops/app-name.ts";
import { renderImagesFile } from "../../actions/lib/gitops/images-file.ts";
import { appsFolder, overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { setYaml } from "../environment/yaml-text.ts";
import { addEntry } from "./environment-entry.ts";
import { refuseTaken, writeChange } from "./write.ts";

/** What somebody asks for. */
export interface EnvironmentWish {
  /** The repository's root folder. */
  root: string;
  name: string;
  /** An environment of slipway.yaml. */
  like: string;
}

/** An environment that was written. */
export interface NewEnvironment {
  environment: string;
  like: string;
  apps: string[];
  /** Its network, which no other environment has. */
  network: string;
  /** What slipway.yaml says of the other environment and not of this one. */
  leftOut: string[];
  /** Copied files that still have the other environment's name in them. */
  mentions: string[];
  /** The folders and files that are new or changed, from the repository's root. */
  wrote: string[];
  /** slipway.yaml, read. */
  config: Config;
}

/**
 * Writes what a new environment needs: its entry in slipway.yaml, what Argo CD is told in its cluster, and an overlay of each
 * app that the other environment has one of. Nothing is released there yet, and nothing is held.
 *
 * @throws SlipwayError for a name that slipway.yaml does not allow, or that is taken. Nothing was written then
 */
export async function writeEnvironment({ root, name, like }: EnvironmentWish): Promise<NewEnvironment> {
  const text = await readFile(join(root, "slipway.yaml"), "utf8").catch((cause: unknown) => {
    throw new SlipwayError("slipway.yaml cannot be read.", { next: "Run it in a clone of the repository.", cause });
  });
  const before = parseConfig(text);
  environmentOf(before, like);
  if (Object.hasOwn(before.environments, name))
    throw new SlipwayError(`Environment "${name}" is in slipway.yaml already. Nothing was written.`, {
      next: "Use another name.",
    });
  const entry = addEntry(text, before, name, like);
  const overlays = globSync(`${appsFolder}*/overlays/*/kustomization.yaml`, { cwd: root }).map((path) => {
    const [, , app = "", , environment = ""] = path.split("/");
    return { app, environment };
  });
  const apps = overlays.filter(({ environment }) => environment === like).map(({ app }) => app);
  const places = apps.map((app) => ({ app, environment: name }));
  const [same] = sameNames([...overlays, ...places]);
  if (same) throw new SlipwayError(`${same} Nothing was written.`, { next: "Use another name." });
  const bootstrap = `gitops/bootstrap/${name}`;
  const folders = new Map([[bootstrap, await bootstrapFiles(root, like, name)]]);
  for (const app of apps.sort()) folders.set(folderOf(app, name), await overlayFiles(root, app, like, name));
  await refuseTaken(root, [...folders.keys()]);
  await writeChange(root, { folders, edits: new Map([["slipway.yaml", entry.text]]) });
  const { network } = environmentOf(entry.config, name);
  return {
    environment: name,
    like,
    apps,
    network: network.cidr,
    leftOut: entry.leftOut,
    mentions: mentionsOf(folders, like),
    wrote: ["slipway.yaml", ...folders.keys()],
    config: entry.config,
  };
}

const folderOf = (app: string, environment: string) => overlayPaths(app, environment).overlay.replace(/\/[^/]+$/, "");

/** Where an overlay says to which environment its pods belong. */
const label = /(slipway\.dev\/environment:\s*["']?)[a-z][a-z0-9-]*/g;

/** The overlay of the new environment: nothing is released yet, and nothing held. */
async function overlayFiles(root: string, app: string, like: string, name: string): Promise<Map<string, string>> {
  const files = await filesIn(root, folderOf(app, like));
  files.delete("hold.yaml");
  for (const [path, text] of files) files.set(path, text.replace(label, `$1${name}`));
  files.set("images/kustomization.yaml", renderImagesFile({ source: undefined, images: [] }));
  return files;
}

async function bootstrapFiles(root: string, like: string, name: string): Promise<Map<string, string>> {
  const files = await filesIn(root, `gitops/bootstrap/${like}`);
  const file = "environment.yaml";
  const environment = files.get(file);
  if (environment === undefined)
    throw new SlipwayError(`gitops/bootstrap/${like}/${file} is missing. Nothing was written.`, {
      next: "Restore it from git's history.",
    });
  for (const [path, text] of files) files.set(path, text.replaceAll(`"${like}"`, `"${name}"`));
  return files.set(file, setYaml(environment, ["data", "name"], name));
}

/** The files of a folder, by their path in it. */
async function filesIn(root: string, folder: string): Promise<Map<string, string>> {
  const entries = globSync("**", { cwd: join(root, folder), withFileTypes: true }).filter((entry) => entry.isFile());
  const files = new Map<string, string>();
  for (const { parentPath, name } of entries) {
    const path = join(parentPath, name);
    files.set(path.slice(join(root, folder).length + 1), await readFile(path, "utf8"));
  }
  return files;
}

/** The files in which a word stands: what somebody wrote there for the other environment may be wrong for this one. */
function mentionsOf(folders: ReadonlyMap<string, ReadonlyMap<string, string>>, word: string): string[] {
  const whole = new RegExp(`(?<![\\w-])${word}(?![\\w-])`);
  return [...folders].flatMap(([folder, files]) =>
    [...files]
      .filter(([, text]) => whole.test(text.replaceAll("slipway.dev", "")))
      .map(([path]) => `${folder}/${path}`),
  );
}
