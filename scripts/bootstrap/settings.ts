import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Config, parseConfig } from "../../actions/lib/config/config.ts";
import { removeYaml, setYaml, type YamlValue } from "../environment/yaml-text.ts";

/** What a person has answered. */
export interface BootstrapSettings {
  account: string;
  region: string;
  repository: string;
  /** GitHub's numbers; undefined for a repository whose tokens carry names only. */
  ids: { owner: number; repository: number } | undefined;
  /** Who is warned when an environment costs more than its budget; undefined warns nobody. */
  email: string | undefined;
  /** ARNs of the IAM roles and users that get into the clusters besides the pipeline. */
  admins: readonly string[];
}

/** Where Argo CD is told what it follows. */
const argocdFile = "gitops/bootstrap/settings/repository.yaml";

/**
 * Writes the answers into slipway.yaml, and what Argo CD follows into its settings; comments and layout stay.
 *
 * @param directory the repository's root folder
 * @returns the configuration as it is now, and the paths of the files that changed
 * @throws SlipwayError as `parseConfig` does; nothing is written then
 */
export async function writeSettings(
  directory: string,
  settings: BootstrapSettings,
): Promise<{ config: Config; changed: string[] }> {
  const read = (path: string) => readFile(join(directory, path), "utf8");
  const [before, argocdBefore] = [await read("slipway.yaml"), await read(argocdFile)];
  const after = withSettings(before, settings);
  const config = parseConfig(after);
  const argocd: [string[], YamlValue][] = [
    [["data", "url"], `https://github.com/${config.git.repository}.git`],
    [["data", "branch"], config.git.branch],
  ];
  const changes = [
    { path: "slipway.yaml", before, after },
    { path: argocdFile, before: argocdBefore, after: set(argocdBefore, argocd) },
  ].filter((file) => file.before !== file.after);
  for (const file of changes) await writeFile(join(directory, file.path), file.after);
  return { config, changed: changes.map(({ path }) => path) };
}

/** The text of slipway.yaml with the answers in it. An environment that warns or lets in others goes on doing so. */
export function withSettings(text: string, settings: BootstrapSettings): string {
  const { account, region, repository, ids, email, admins } = settings;
  const { environments, deliver } = parseConfig(text);
  const usual = environments[deliver];
  const named = set(text, [
    [["aws", "account"], account],
    [["aws", "region"], region],
    [["git", "repository"], repository],
  ]);
  const told = ids ? setYaml(named, ["git", "ids"], ids) : removeYaml(named, ["git", "ids"]);
  const answer = (done: string, path: string[], value: YamlValue | undefined) =>
    value === undefined ? removeYaml(done, path) : setYaml(done, path, value);
  return Object.entries(environments).reduce((done, [name, { budget, cluster }]) => {
    const others = cluster.admins.length > 0 && !isDeepStrictEqual(cluster.admins, usual?.cluster.admins);
    const people = admins.length > 0 ? admins : undefined;
    const admitted = others ? done : answer(done, ["environments", name, "cluster", "admins"], people);
    return budget.email !== undefined && budget.email !== usual?.budget.email
      ? admitted
      : answer(admitted, ["environments", name, "budget", "email"], email);
  }, told);
}

function set(text: string, values: readonly [string[], YamlValue][]): string {
  return values.reduce((done, [path, value]) => setYaml(done, path, value), text);
}
