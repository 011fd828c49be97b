import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fillTemplates } from "./templates.ts";

const root = join(import.meta.dirname, "../..");

interface Dependencies {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

test("a new service has the packages that the repository has, in the same versions", async () => {
  const has = new Set(["service", "page", "database", "cache"] as const);
  const files = await fillTemplates(root, { app: "notes", has, environments: ["dev"] });
  const { dependencies = {}, devDependencies = {} } = JSON.parse(
    files.get("apps/notes/api/package.json") ?? "{}",
  ) as Dependencies;
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version?: string }>;
  };
  const versions = Object.entries({ ...dependencies, ...devDependencies });
  expect(versions).not.toEqual([]);
  for (const [name, version] of versions)
    expect({ name, version: lock.packages[`node_modules/${name}`]?.version ?? version }).toEqual({ name, version });
});

test("nothing of a template is left in an app, nor of a part that it has not", async () => {
  const files = await fillTemplates(root, { app: "notes", has: new Set(["page"]), environments: ["dev", "two"] });
  const text = [...files].flat().join("\n");
  expect(text).not.toMatch(/\b(APP|DOOR|ENVIRONMENT)\b|^\s*(\/\/|#|<!--|\/\*) (if|end)\b/m);
  expect(text).not.toMatch(/notes-(api|database|cache|gateway)/);
  expect([...files.keys()].filter((path) => path.startsWith("gitops/apps/notes/overlays/"))).toEqual([
    "gitops/apps/notes/overlays/dev/images/kustomization.yaml",
    "gitops/apps/notes/overlays/two/images/kustomization.yaml",
    "gitops/apps/notes/overlays/dev/kustomization.yaml",
    "gitops/apps/notes/overlays/two/kustomization.yaml",
  ]);
});
