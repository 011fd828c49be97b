import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse, stringify } from "yaml";
import * as z from "zod";
import { plainEnvironment } from "../aws/credentials.ts";
import { SlipwayError } from "../core/errors.ts";
import { throughOutages } from "../git/outages.ts";
import { git, gitText } from "../git/git.ts";
import { ProcessError } from "../core/process.ts";
import { parseYaml } from "../core/yaml.ts";

/** Says in a kustomization which content its remote base must have: git's id of the base's first folder. */
export const treeAnnotation = "slipway.dev/tree";

/** A kustomization, as far as it is read. */
const kustomization = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }).optional(),
  resources: z.array(z.string()).optional(),
});

/** A remote base, `<repository>//<folder>?ref=<tag>`: https://github.com/kubernetes-sigs/kustomize/blob/master/examples/remoteBuild.md */
interface Base {
  resource: string;
  repository: string;
  folder: string;
  ref: string;
}

const form = /^(?<repository>\w+:\/\/.*?[^/:])\/\/(?<folder>[^?]+)\?ref=(?<ref>[^&]+)$/;
/** What kustomize would fetch: a URL, an SSH address, `host/path` of a well-known host. */
const isRemote = (resource: string) => /:\/\/|^git@|\?|^(www\.)?(github|gitlab|bitbucket)\.\w+\//.test(resource);

/**
 * A folder like this one whose remote base is on this disk, with exactly the content that is pinned. A tag can be moved
 * to other content, and a commit's id says no more than the id of the tree that is taken from it.
 *
 * @param folder with a kustomization
 * @param scratch an empty folder for the copy; whoever made it removes it
 * @returns the folder to render; `folder` itself when it has no remote base
 * @throws SlipwayError with reason `base-not-pinned`, `base-changed` or `base-unreachable`
 */
export async function fetchPinnedBase(folder: string, scratch: string, signal: AbortSignal): Promise<string> {
  const file = join(folder, "kustomization.yaml");
  const text = await readFile(file, "utf8");
  const { metadata, resources = [] } = parseYaml(kustomization, text, file, "It must be a kustomization.");
  const [resource, ...more] = resources.filter(isRemote);
  if (resource === undefined) return folder;
  const found = form.exec(resource)?.groups as Omit<Base, "resource"> | undefined;
  const tree = metadata?.annotations?.[treeAnnotation];
  if (!found || more.length > 0 || !tree || !/^[0-9a-f]{40,64}$/.test(tree))
    throw new SlipwayError(`${file}: ${more[0] ?? resource} is a remote base without a pin.`, {
      next: `Name one base as <repository>//<folder>?ref=<tag>, and its tree in metadata.annotations["${treeAnnotation}"] as "git rev-parse <tag>:<folder's first part>" says it.`,
      reason: "base-not-pinned",
    });
  const base = { resource, ...found };
  await checkOut(base, tree, join(scratch, "base"), { file, signal });
  const copy = join(scratch, basename(folder));
  await cp(folder, copy, { recursive: true });
  const local = resources.map((each) => (each === resource ? join("../base", base.folder) : each));
  await writeFile(join(copy, "kustomization.yaml"), stringify({ ...(parse(text) as object), resources: local }));
  return copy;
}

/** Milliseconds. */
const timeout = 180_000;

async function checkOut(
  { repository, folder, ref }: Base,
  tree: string,
  target: string,
  { file, signal }: { file: string; signal: AbortSignal },
): Promise<void> {
  // Without a credential: what is fetched is public, or git has its own.
  const options = { env: plainEnvironment(), signal, timeout };
  const [first = ""] = folder.split("/");
  await git(".", ["init", "--quiet", target], options);
  await throughOutages(() => {
    signal.throwIfAborted();
    return git(target, ["fetch", "--quiet", "--depth=1", "--no-tags", "--", repository, ref], options);
  }).catch((error: unknown) => {
    const failed = error instanceof SlipwayError && error.cause instanceof ProcessError ? error.cause : error;
    if (!(failed instanceof ProcessError) || signal.aborted) throw error;
    throw new SlipwayError(`${repository} at ${ref} cannot be fetched: ${failed.message}`, {
      next: `${file} names it. Run this again when it can be reached.`,
      reason: "base-unreachable",
      cause: error,
    });
  });
  const there = await gitText(target, ["rev-parse", "--verify", "--quiet", `FETCH_HEAD:${first}`], {
    ...options,
    okCodes: [0, 1, 128],
  });
  if (there !== tree)
    throw new SlipwayError(
      `${repository} at ${ref} has other content than ${file} pins: the tree of ${first} is ${there || "not there"}, not ${tree}.`,
      {
        next: `Nothing was applied. If the version was changed on purpose, look through what it brings and write ${there || "its tree"} into ${treeAnnotation}; if not, the tag was moved.`,
        reason: "base-changed",
      },
    );
  await git(target, ["checkout", "--quiet", "FETCH_HEAD", "--", first], options);
}
