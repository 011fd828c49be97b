import { availableParallelism } from "node:os";
import { parseAllDocuments } from "yaml";
import { mapConcurrently } from "../core/concurrency.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import { overlayPaths } from "../gitops/paths.ts";
import { printable } from "../core/printable.ts";
import { type Exception, excuse, readExceptions } from "./exceptions.ts";
import { gitopsFiles } from "./files.ts";
import { type FileTexts, readKustomizations } from "./kustomization.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import { readPlatform } from "./platform.ts";
import { type Render, renderEnvironment, renderWithKubectl, writeTemporarily } from "./render.ts";
import type { Platform } from "./rule.ts";
import { describeFault, type AppViolation, findFaults } from "./rules.ts";

/** What is checked. */
export interface CheckOptions {
  /** The folder `gitops`. */
  files: FileTexts;
  /** Apps that have no overlay for it are not checked: nothing of them is delivered there. */
  environment: string;
  /** The images of the revision. */
  images: readonly { name: string; app: string }[];
  /** kubectl when left out. */
  render?: Render | undefined;
}

/**
 * As `checkApps`, for a revision of a repository.
 *
 * @param options `repository`: its root folder
 */
export async function checkRevision(
  options: Omit<CheckOptions, "files"> & { repository: string; revision: string },
): Promise<Exception[]> {
  return checkApps({ ...options, files: await gitopsFiles(options.repository, options.revision) });
}

/**
 * Renders each app's overlay for an environment and holds it against the rules.
 *
 * @returns the exceptions that overlays make, by app and rule
 * @throws SlipwayError with reason `rules-broken`, naming every fault of every app
 */
export async function checkApps(options: CheckOptions): Promise<Exception[]> {
  const { files, environment, images, render = renderWithKubectl } = options;
  const apps = [...files.keys()].map((path) => /^gitops\/apps\/([^/]+)\//.exec(path)?.[1] ?? "");
  const overlays = [...new Set(apps)].filter((app) => app && files.has(overlayPaths(app, environment).overlay)).sort();
  if (overlays.length === 0) return [];
  const platform = readPlatform(files);
  await using written = await writeTemporarily(files);
  const results = await mapConcurrently(overlays, availableParallelism(), (app) =>
    checkApp(app).catch((error: unknown) => {
      if (!(error instanceof SlipwayError) || error.reason === "kubectl-missing") throw error;
      return { exceptions: [], problem: `gitops/apps/${app} (${environment}): ${explainOnce(error)}` };
    }),
  );
  const problems = results.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0)
    throw new SlipwayError(`${problems.join("\n")}\n`, {
      next: "gitops/README.md says what each rule asks for, and how an overlay makes an exception.",
      reason: "rules-broken",
    });
  return results.flatMap(({ exceptions }) => exceptions);

  async function checkApp(app: string): Promise<{ exceptions: Exception[]; problem?: string }> {
    const path = overlayPaths(app, environment).overlay;
    const folder = path.slice(0, path.lastIndexOf("/"));
    const [own] = readKustomizations(files, folder).values();
    const reasons = readExceptions(own?.metadata?.annotations ?? {}, path);
    const text = await render(written.path(folder), renderEnvironment());
    const components = images.filter((image) => image.app === app).map(({ name }) => name);
    const takesReleases = (own?.components ?? []).some((each) => /^(\.\/)?images\/?$/.test(each));
    const { faults, exceptions } = excuse(app, checkText(text, { app, components, takesReleases, platform }), reasons);
    if (faults.length === 0) return { exceptions };
    const count = `${faults.length} fault${faults.length === 1 ? "" : "s"}`;
    const lines = faults.map((fault) => `  ${printable(describeFault(fault)).replaceAll("\n", " ")}`);
    return { exceptions, problem: `gitops/apps/${app} (${environment}) has ${count}:\n${lines.join("\n")}` };
  }
}

/** Holds rendered YAML against the rules. @throws SlipwayError when it is not YAML */
export function checkText(
  text: string,
  about: { app: string; components: readonly string[]; takesReleases: boolean; platform: Platform },
): AppViolation[] {
  const manifests: Manifest[] = [];
  const misshapen: AppViolation[] = [];
  for (const value of documents(text)) {
    const read = readManifest(value);
    if ("manifest" in read) manifests.push(read.manifest);
    else misshapen.push(...read.problems.map((problem) => ({ rule: "shape", object: read.object, text: problem })));
  }
  return [...misshapen, ...findFaults({ ...about, manifests })];
}

function documents(text: string): unknown[] {
  try {
    // kustomize writes no key twice; looking for that takes a fifth of the time.
    return parseAllDocuments(text, { uniqueKeys: false, prettyErrors: false }).map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as unknown;
    });
  } catch (cause) {
    throw new SlipwayError(`What it renders to cannot be read: ${messageOf(cause).split("\n")[0]}`, { cause });
  }
}

/** A message without the next step, which is said once for all apps. */
function explainOnce(error: SlipwayError): string {
  return printable([error.message, error.next].filter(Boolean).join(" "));
}
