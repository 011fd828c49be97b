import { globSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../actions/lib/config/config.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { appNameProblem, sameNames } from "../../actions/lib/gitops/app-name.ts";
import { appsFolder } from "../../actions/lib/gitops/paths.ts";
import { imageNameProblem } from "../../actions/lib/images/image.ts";
import { lockWith } from "./lock.ts";
import { completeParts, type AppPart } from "./parts.ts";
import { doorOf, fillTemplates } from "./templates.ts";
import { refuseTaken, writeChange } from "./write.ts";

/** What somebody asks for. */
export interface AppWish {
  /** The repository's root folder. */
  root: string;
  name: string;
  /** Its parts; service, page and database when there is none. A database brings a service, a cache a database. */
  wanted: readonly AppPart[];
}

/** An app that was written. */
export interface NewApp {
  app: string;
  parts: AppPart[];
  environments: string[];
  /** The folders and files that are new or changed, from the repository's root. */
  wrote: string[];
}

/**
 * The longest name. A StatefulSet's label on its pods is the longest that is made of it: `<app>-database-` and ten signs,
 * of at most 63 (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
 */
const longest = 43;

/**
 * Writes an app: its components below `apps`, its manifests below `gitops/apps` with an overlay for each environment of
 * slipway.yaml, and its entry in package-lock.json.
 *
 * @throws SlipwayError for a name that cannot be, or is taken. Nothing was written then
 */
export async function writeApp({ root, name, wanted }: AppWish): Promise<NewApp> {
  const has = completeParts(wanted);
  const environments = Object.keys((await readConfig(join(root, "slipway.yaml"))).environments);
  refuseName(root, name, has, environments);
  const homes = [`apps/${name}`, `${appsFolder}${name}`];
  await refuseTaken(root, homes);
  const files = await fillTemplates(root, { app: name, has, environments });
  const workspace = `apps/${name}/api`;
  const manifest = files.get(`${workspace}/package.json`);
  const lock = manifest === undefined ? undefined : await lockWith(root, { folder: workspace, text: manifest });
  const inside = (home: string) =>
    [...files]
      .filter(([path]) => path.startsWith(`${home}/`))
      .map(([path, text]) => [path.slice(home.length + 1), text] as const);
  const edits = new Map(lock === undefined ? [] : [["package-lock.json", lock]]);
  await writeChange(root, { folders: new Map(homes.map((home) => [home, new Map(inside(home))])), edits });
  return { app: name, parts: [...has], environments, wrote: [...homes, ...edits.keys()] };
}

/** @throws SlipwayError when an app may not have this name here */
function refuseName(root: string, name: string, has: ReadonlySet<AppPart>, environments: readonly string[]): void {
  const problem = nameProblem(root, name, has, environments);
  if (problem === undefined) return;
  throw new SlipwayError(`${problem} Nothing was written.`, { next: "Choose another name." });
}

function nameProblem(root: string, name: string, has: ReadonlySet<AppPart>, environments: readonly string[]) {
  const problem = appNameProblem(name);
  if (problem) return `apps/${name}${problem.replace(/ Rename the folder\.$/, "")}`;
  if (name.length > longest)
    return `apps/${name}: the name has ${name.length} characters, and what is made of it would be too long. Use at most ${longest}.`;
  const places = globSync(`${appsFolder}*/overlays/*`, { cwd: root }).map((path) => {
    const [, , app = "", , environment = ""] = path.split("/");
    return { app, environment };
  });
  const others = places.filter(({ app }) => app !== name);
  const [same] = sameNames([...others, ...environments.map((environment) => ({ app: name, environment }))]);
  if (same) return same;
  const images = globSync("apps/*/*/Dockerfile", { cwd: root }).map((path) => {
    const [, app = "", component = ""] = path.split("/");
    return { folder: `apps/${app}/${component}`, image: `${app}-${component}` };
  });
  for (const component of componentsOf(has)) {
    const wrong = imageNameProblem(name, component);
    if (wrong) return `apps/${name}/${component}${wrong.replace(/ Rename the folder\.$/, "")}`;
    const taken = images.find(
      ({ image, folder }) => image === `${name}-${component}` && !folder.startsWith(`apps/${name}/`),
    );
    if (taken) return `apps/${name}/${component} and ${taken.folder} would both be image ${taken.image}.`;
  }
  return undefined;
}

function componentsOf(has: ReadonlySet<AppPart>): string[] {
  const all = { service: "api", page: "page", database: "database", cache: "cache" };
  return [...new Set([doorOf(has), ...[...has].map((part) => all[part])])];
}
