import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll } from "vitest";
import { checkText } from "../actions/lib/rules/check.ts";
import type { Manifest } from "../actions/lib/rules/manifest.ts";
import { readPlatform } from "../actions/lib/rules/platform.ts";
import { ensureKustomize, type Render } from "../scripts/rehearsal/tools/kustomize.ts";
import { filesOf, manifestsOf, released } from "./released.ts";

const root = join(import.meta.dirname, "..");

/** An app's manifests as Argo CD renders them, for the app's own tests. */
export interface RenderedApp {
  /** The overlay of an environment as it is in the working tree. */
  manifests(): Promise<Manifest[]>;
  /** A copy of the overlay in which everything is released, with its folder, to be edited and rendered. */
  released(): Promise<{ folder: string; render: () => Promise<{ manifests: Manifest[]; faults: unknown[] }> }>;
}

/**
 * Gets kustomize ready before the tests of a file.
 *
 * @param app its folder below `gitops/apps`
 * @param environment its overlay
 */
export function useRenderedApp(app: string, environment: string): RenderedApp {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let render: Render;
  beforeAll(async () => {
    folder = await temporaryFolder(`manifests-${app}`);
    render = await ensureKustomize(join(folder.path, "kustomize.log"));
  });
  afterAll(() => folder[Symbol.asyncDispose]());
  return {
    manifests: async () => manifestsOf(await render(join(root, "gitops/apps", app, "overlays", environment))),
    async released() {
      const copy = await released(app, environment, folder.path);
      return {
        folder: copy,
        async render() {
          const text = await render(copy);
          const platform = readPlatform(await filesOf(app));
          const faults = checkText(text, { app, components: [], takesReleases: true, platform });
          return { manifests: manifestsOf(text), faults };
        },
      };
    },
  };
}

/** The `spec` of one object. */
export const specOf = (manifests: readonly Manifest[], kind: string, name: string) =>
  manifests.find((each) => each.kind === kind && each.metadata.name === name)?.spec;
