import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { SlipwayError } from "../core/errors.ts";
import type { FileTexts } from "./kustomization.ts";
import type { KindPattern, Platform } from "./rule.ts";

/** The AppProject of all apps; the ApplicationSet names it. */
const projectPath = "gitops/projects/apps.yaml";
const platformFolder = "gitops/platform/";

const kinds = z.array(z.object({ group: z.string(), kind: z.string() })).default([]);

const project = z.object({
  kind: z.literal("AppProject"),
  spec: z.object({
    clusterResourceWhitelist: kinds,
    // https://argo-cd.readthedocs.io/en/stable/user-guide/projects/: without a list, all kinds in namespaces are allowed.
    namespaceResourceWhitelist: z.array(z.object({ group: z.string(), kind: z.string() })).optional(),
  }),
});

const storageClass = z.object({
  kind: z.literal("StorageClass"),
  metadata: z.object({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
});

/**
 * What the repository's clusters offer to apps.
 *
 * @throws SlipwayError when the AppProject is missing or cannot be read
 */
export function readPlatform(files: FileTexts): Platform {
  const found = project.safeParse(documentsOf(files.get(projectPath) ?? "")[0]);
  if (!found.success)
    throw new SlipwayError(`${projectPath} is not the AppProject that says which kinds apps may have.`, {
      next: "Restore it from git's history.",
    });
  const { clusterResourceWhitelist: clusterKinds, namespaceResourceWhitelist } = found.data.spec;
  const any: KindPattern[] = [{ group: "*", kind: "*" }];
  const platform = [...files].filter(([path]) => path.startsWith(platformFolder) && path.endsWith(".yaml"));
  const classes = platform
    .flatMap(([, text]) => documentsOf(text))
    .flatMap((document) => storageClass.safeParse(document).data ?? [])
    .map(({ metadata: { name, annotations } }) => ({
      name,
      isDefault: annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
    }));
  return { clusterKinds, kinds: namespaceResourceWhitelist ?? any, classes };
}

/** The documents of a YAML text; one that cannot be read is left to what renders it. */
function documentsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) =>
    document.errors.length > 0 ? undefined : (document.toJS() as unknown),
  );
}
