import * as z from "zod";
import { parseYaml } from "../core/yaml.ts";

/** An image as kustomize sets it: `name` in the manifests becomes `newName@digest`. */
export interface PinnedImage {
  name: string;
  newName: string;
  digest: string;
}

/** What the machine-owned file of one app and environment says. */
export interface ImagesFile {
  /** The source commit that the images were last changed for; none before the first release. */
  source: string | undefined;
  images: PinnedImage[];
}

const annotation = "slipway.dev/source";
const commit = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

const schema = z.strictObject({
  apiVersion: z.literal("kustomize.config.k8s.io/v1alpha1"),
  kind: z.literal("Component"),
  metadata: z
    .strictObject({
      annotations: z.strictObject({
        [annotation]: z.string().regex(commit, "must be the whole id of a git commit").optional(),
      }),
    })
    .optional(),
  images: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        newName: z.string().min(1),
        digest: z.string().regex(/^sha256:[0-9a-f]{64}$/, "must be sha256: and 64 hexadecimal digits"),
      }),
    )
    .nullish(),
});

/**
 * Reads a machine-owned file.
 *
 * @param path only named in errors
 * @throws SlipwayError when it is not what a release writes
 */
export function parseImagesFile(text: string, path: string): ImagesFile {
  return readOwn(text) ?? readAny(text, path);
}

/** The machine-owned file's text: the same for the same content. */
export function renderImagesFile({ source, images }: ImagesFile): string {
  return [
    "# Written by releases; what people write goes next to it. To keep an app as it is: ./slipway hold --help",
    "apiVersion: kustomize.config.k8s.io/v1alpha1",
    "kind: Component",
    ...(source ? ["metadata:", "  annotations:", `    ${annotation}: ${JSON.stringify(source)}`] : []),
    images.length > 0 ? "images:" : "images: []",
    ...images.flatMap((each) => [
      `  - name: ${each.name}`,
      `    newName: ${each.newName}`,
      `    digest: ${each.digest}`,
    ]),
    "",
  ].join("\n");
}

/** Whether both set the same images, in whatever order. */
export function sameImages(one: readonly PinnedImage[], other: readonly PinnedImage[]): boolean {
  const text = (images: readonly PinnedImage[]) =>
    images.map((each) => `${each.name}=${each.newName}@${each.digest}`).sort();
  return text(one).join() === text(other).join();
}

/**
 * Reads exactly what `renderImagesFile` writes, some twenty times faster than YAML and a schema: with a thousand
 * apps that is most of a release's own time. Any other text is left to them.
 */
function readOwn(text: string): ImagesFile | undefined {
  const source = /^ {4}slipway\.dev\/source: "([0-9a-f]+)"$/m.exec(text)?.[1];
  const entries = text.matchAll(/^ {2}- name: (\S+)\n {4}newName: (\S+)\n {4}digest: (sha256:[0-9a-f]{64})$/gm);
  const images = [...entries].map(([, name = "", newName = "", digest = ""]) => ({ name, newName, digest }));
  const file: ImagesFile = { source, images };
  return (source === undefined || commit.test(source)) && renderImagesFile(file) === text ? file : undefined;
}

function readAny(text: string, path: string): ImagesFile {
  const next = "Only releases write this file: restore it from git's history, or delete it and release again.";
  const { metadata, images } = parseYaml(schema, text, path, next);
  return { source: metadata?.annotations[annotation], images: images ?? [] };
}
