import { posix } from "node:path";
import * as z from "zod";
import { SlipwayError } from "../core/errors.ts";
import { parseYaml } from "../core/yaml.ts";

/** A file's text by its path from the repository's root. */
export type FileTexts = ReadonlyMap<string, string>;

const strings = z.array(z.string()).nullish();
const paths = z.array(z.looseObject({ path: z.string().optional() })).nullish();
const generator = z.array(z.looseObject({ files: strings, envs: strings, env: z.string().nullish() })).nullish();

/** The fields of a kustomization that name files or folders, and its annotations. */
const schema = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).nullish() }).nullish(),
  resources: strings,
  bases: strings,
  components: strings,
  crds: strings,
  configurations: strings,
  generators: strings,
  transformers: strings,
  validators: strings,
  patchesStrategicMerge: strings,
  patches: paths,
  patchesJson6902: paths,
  replacements: paths,
  openapi: z.looseObject({ path: z.string().optional() }).nullish(),
  configMapGenerator: generator,
  secretGenerator: generator,
});

/** https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
export type Kustomization = z.infer<typeof schema>;

const names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/**
 * Reads a folder's kustomization and all that it leads to.
 *
 * @param folder a path from the repository's root
 * @returns by folder; the folder itself is first
 * @throws SlipwayError naming each entry that is not in these files, such as an address: rendering fetches nothing
 */
export function readKustomizations(files: FileTexts, folder: string): Map<string, Kustomization> {
  const found = new Map<string, Kustomization>();
  const problems: string[] = [];
  for (const open = [folder]; open.length > 0;) {
    const at = open.shift() as string;
    const path = names.map((name) => posix.join(at, name)).find((each) => files.has(each));
    if (found.has(at) || path === undefined) continue;
    const next = "See https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/.";
    const kustomization = parseYaml(schema, files.get(path) ?? "", path, next);
    found.set(at, kustomization);
    for (const entry of entriesOf(kustomization)) {
      const target = posix.join(at, entry);
      if (isFolder(files, target)) open.push(target);
      else if (entry.includes(":") || !files.has(target))
        problems.push(`${path}: ${JSON.stringify(entry)} is not a file or folder of this repository's gitops folder`);
    }
  }
  if (problems.length > 0)
    throw new SlipwayError(`${problems.join(".\n")}.`, {
      next: "Commit what it needs there: a plan fetches nothing, and a link is not followed.",
    });
  return found;
}

function isFolder(files: FileTexts, path: string): boolean {
  return names.some((name) => files.has(posix.join(path, name)));
}

/** Every path that a kustomization names; YAML that is written in place is not a path. */
function entriesOf(kustomization: Kustomization): string[] {
  const { openapi, configMapGenerator, secretGenerator } = kustomization;
  const { resources, bases, components, crds, configurations } = kustomization;
  const { generators, transformers, validators, patchesStrategicMerge } = kustomization;
  const { patches, patchesJson6902, replacements } = kustomization;
  const listed = [resources, bases, components, crds, configurations]
    .concat([generators, transformers, validators, patchesStrategicMerge])
    .flatMap((each) => each ?? []);
  const named = [patches, patchesJson6902, replacements, openapi ? [openapi] : []]
    .flatMap((each) => each ?? [])
    .flatMap(({ path }) => path ?? []);
  const generated = [configMapGenerator, secretGenerator]
    .flatMap((each) => each ?? [])
    // "key=path" puts the file under another key.
    .flatMap(({ files, envs, env }) => [
      ...(files ?? []).map((file) => file.replace(/^[^=]*=/, "")),
      ...(envs ?? []),
      ...(env ? [env] : []),
    ]);
  return [...listed, ...named, ...generated].filter((entry) => !entry.includes("\n"));
}
