import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { ComposeManifest, ComposeWorkload } from "./manifests.ts";

/** An image as it is on this machine. */
export interface LocalImage {
  /** What Docker knows it by. */
  reference: string;
  /** Whether it holds bash, which can ask a port without any other program. */
  bash: boolean;
}

/** What a container's service is made from, in addition to its manifest. */
export interface ContainerInput {
  /** Everything that the overlay renders to. */
  manifests: readonly ComposeManifest[];
  /** By image name, for example `notes-api`. */
  images: ReadonlyMap<string, LocalImage>;
  /** The values of the app's Secrets. */
  secret: Readonly<Record<string, string>>;
  /** The folder for files that are mounted. */
  folder: string;
  /** Gets the text of each file that is mounted, by its path. */
  files: Map<string, string>;
}

/** The values of a ConfigMap of the app. @throws SlipwayError when there is none of that name */
export function configMap(
  workload: ComposeWorkload,
  name: string,
  { manifests }: ContainerInput,
): Record<string, string> {
  const found = manifests.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === name);
  if (!found) throw unsupported(workload, `the ConfigMap ${name}, which is in no manifest`);
  return found.data ?? {};
}

/** The error for what a manifest asks for and Compose does not have. @param what for example `a volume of a host` */
export function unsupported(workload: ComposeWorkload, what: string): SlipwayError {
  return new SlipwayError(`${workload.metadata.name} has ${what}, for which Compose has nothing.`, {
    next: "Try it in a cluster: ./slipway rehearse.",
  });
}
