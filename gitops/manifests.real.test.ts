import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentOf, readConfig } from "../actions/lib/config/config.ts";
import { overlayPaths } from "../actions/lib/gitops/paths.ts";
import { checkApps } from "../actions/lib/rules/check.ts";
import {
  type CheckSchemas,
  ensureKustomize,
  ensureSchemas,
  type Render,
} from "../scripts/rehearsal/tools/kustomize.ts";
import { componentsOf, filesOf, list, releasedImages } from "./released.ts";

const root = join(import.meta.dirname, "..");

const overlays = await list("gitops/apps/*/overlays/*/kustomization.yaml");

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let render: Render;
let checkSchemas: CheckSchemas;

beforeAll(async () => {
  folder = await temporaryFolder("manifests");
  [render, checkSchemas] = await Promise.all([ensureKustomize(join(folder.path, "kustomize.log")), ensureSchemas()]);
});
afterAll(() => folder[Symbol.asyncDispose]());

test("there are overlays to look at", () => {
  expect(overlays.length).toBeGreaterThan(0);
});

describe.each(overlays)("%s", (path) => {
  const overlay = dirname(path);
  const environment = basename(overlay);
  const app = overlay.split("/")[2] ?? "";

  test("as it is: valid in the environment's Kubernetes version, without a fault", async () => {
    const text = await render(join(root, overlay));
    const file = join(folder.path, `${app}-${environment}.yaml`);
    await writeFile(file, text);
    const config = await readConfig(join(root, "slipway.yaml"));
    expect(await checkSchemas(file, environmentOf(config, environment).cluster.version)).toEqual([]);
    const images = (await componentsOf(app)).map((name) => ({ app, name }));
    await checkApps({ files: await filesOf(app), environment, images, render });
  });

  test("after a release: every container runs one of our own images, by digest", async () => {
    const files = await filesOf(app);
    files.set(overlayPaths(app, environment).images, await releasedImages(app));
    await checkApps({ files, environment, images: [], render });
  });

  test("rendered twice it is the same, and the machine-owned file is a component of it", async () => {
    expect(await render(join(root, overlay))).toBe(await render(join(root, overlay)));
    expect(await readFile(join(root, path), "utf8")).toMatch(/^components:\n(?: *#.*\n)* *- images$/m);
  });
});

test("a field that Kubernetes does not know is found", async () => {
  const file = join(folder.path, "unknown.yaml");
  await writeFile(file, "apiVersion: v1\nkind: Service\nmetadata: { name: demo }\nspec: { porst: [] }\n");
  expect((await checkSchemas(file, "1.36")).join("\n")).toContain("porst");
});
