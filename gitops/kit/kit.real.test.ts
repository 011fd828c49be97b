import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../actions/lib/config/config.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { checkApps } from "../../actions/lib/rules/check.ts";
import { openFlows } from "../../actions/lib/rules/flows.ts";
import { renderEnvironment, writeTemporarily } from "../../actions/lib/rules/render.ts";
import {
  type CheckSchemas,
  ensureKustomize,
  ensureSchemas,
  type Render,
} from "../../scripts/rehearsal/tools/kustomize.ts";
import { list, manifestsOf } from "../released.ts";
import { app, exampleApp, exampleImages, type AppFiles, largeApp, largeImages, whole } from "./test-apps.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let render: Render;
let checkSchemas: CheckSchemas;
let example: AppFiles;

beforeAll(async () => {
  folder = await temporaryFolder("kit");
  [render, checkSchemas, example] = await Promise.all([
    ensureKustomize(join(folder.path, "kustomize.log")),
    ensureSchemas(),
    exampleApp(),
  ]);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** What the rules for all apps say of an app: before anything is released, and when all of it is. */
async function check(files: AppFiles, names: readonly string[] = exampleImages): Promise<void> {
  const planned = names.map((name) => ({ app, name }));
  await checkApps({ files: await whole(files), environment: "dev", images: planned, render });
  await checkApps({ files: await whole(files, names), environment: "dev", images: [], render });
}

async function renderApp(files: AppFiles): Promise<string> {
  await using written = await writeTemporarily(await whole(files));
  return await render(written.path(dirname(overlayPaths(app, "dev").overlay)), renderEnvironment());
}

/** An app with one text of one of its files replaced. */
function changed(files: AppFiles, path: string, from: string, to: string): AppFiles {
  const text = files.get(path) ?? "";
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  return new Map([...files, [path, text.replaceAll(from, to)]]);
}

describe("the README's app: a service, a database and a page", () => {
  test("is written in at most 120 lines", () => {
    expect(example.size).toBe(7);
    const lines = [...example.values()].flatMap((text) => text.trimEnd().split("\n"));
    expect(lines.length).toBeLessThanOrEqual(120);
  });

  test("owes nothing of what every app owes, and Kubernetes knows each of its fields", async () => {
    await check(example);
    const file = join(folder.path, "example.yaml");
    await writeFile(file, await renderApp(example));
    const { environments, deliver } = await readConfig(join(import.meta.dirname, "../../slipway.yaml"));
    expect(await checkSchemas(file, environments[deliver]?.cluster.version ?? "")).toEqual([]);
  });

  test("has all that it needs, each under its name", async () => {
    const manifests = manifestsOf(await renderApp(example));
    const names = manifests.map(({ kind, metadata }) => `${kind}/${metadata.name.replace(/-[a-z0-9]{10}$/, "")}`);
    expect(names).toEqual([
      "Namespace/notes",
      "ResourceQuota/notes",
      "ServiceAccount/notes",
      "ServiceAccount/notes-secret",
      "Role/notes-secret",
      "RoleBinding/notes-secret",
      "ConfigMap/notes-api",
      "ConfigMap/notes-database",
      "Service/notes-api",
      "Service/notes-database",
      "Service/notes-page",
      "LimitRange/notes",
      "Deployment/notes-api",
      "Deployment/notes-page",
      "StatefulSet/notes-database",
      "PodDisruptionBudget/notes-api",
      "PodDisruptionBudget/notes-page",
      "HorizontalPodAutoscaler/notes-api",
      "Job/notes-api-migration",
      "Job/notes-secret",
      ...["deny-all", "dns", "notes-api", "notes-api-migration", "notes-database", "notes-page", "notes-secret"].map(
        (name) => `NetworkPolicy/${name}`,
      ),
    ]);
    expect(JSON.stringify(manifests)).not.toMatch(/\b(APP|DEPLOYMENT|IMAGE|DATABASE|SECRET|KEY)\b/);
    expect(openFlows(manifests).filter((flow) => !flow.includes("kube-dns"))).toEqual([
      ...["8080", "8081", "8443"].map((port) => `anywhere -> notes-page:${port}`),
      "monitoring/* -> notes-api:9090",
      "notes-api -> notes-database:5432",
      "notes-api-migration -> notes-database:5432",
      "notes-page -> notes-api:8000",
      ...["443", "6443"].map((port) => `notes-secret -> anywhere:${port}`),
    ]);
  });

  test.each([
    ["the namespace's component", "  - ../../../kit/namespace\n", "", ["restricted-profile", "deny-all", "quota"]],
    ["the migration among the database's clients", ", notes-api-migration", "", ["allowed-flows"]],
    ["the image of the secret's Job", "image, value: notes-api", "image, value: IMAGE", ["image"]],
  ])("is refused without %s", async (_, from, to, rules) => {
    const refused = String(await check(changed(example, "base/kustomization.yaml", from, to)).catch(String));
    for (const rule of rules) expect(refused).toContain(`[${rule}]`);
  });
});

test("three services over one database, each with its own tables, and everything that is optional", async () => {
  const large = largeApp(example);
  await check(large, largeImages);
  const manifests = manifestsOf(await renderApp(large));
  const flows = openFlows(manifests).filter((flow) => !flow.includes("kube-dns") && !flow.includes("anywhere"));
  expect(flows).toEqual(
    [
      ...["orders", "products", "users"].flatMap((service) => [
        `monitoring/* -> notes-${service}:9090`,
        `notes-${service} -> notes-database:5432`,
        `notes-${service}-migration -> notes-database:5432`,
      ]),
      ...["backup", "restore", "tidy"].map((job) => `notes-${job} -> notes-database:5432`),
      "notes-orders -> notes-cache:6379",
      "notes-page -> notes-board:3000",
    ].sort(),
  );
});

test("an app's name may have hyphens", async () => {
  const read = async (files: AppFiles) => (await renderApp(files)).replaceAll(/-[a-z0-9]{10}$/gm, "");
  const large = largeApp(example);
  const hyphens = new Map([...large].map(([path, text]) => [path, text.replaceAll("notes", "my-own-notes")]));
  expect(await read(hyphens)).toBe((await read(large)).replaceAll("notes", "my-own-notes"));
});

test("the Job that creates the passwords keeps its own account, wherever the app lists it", async () => {
  const [namespace, secret] = ["namespace", "secret"].map((name) => `  - ../../../kit/${name}\n`);
  const swapped = changed(example, "base/kustomization.yaml", `${namespace}${secret}`, `${secret}${namespace}`);
  expect(await renderApp(swapped)).toBe(await renderApp(example));
});

test("the README says what each component gives", async () => {
  const entries = await readdir(import.meta.dirname, { withFileTypes: true });
  const components = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const readme = await readFile(join(import.meta.dirname, "README.md"), "utf8");
  const rows = [...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows.sort()).toEqual(components.sort());
});

/** Whether all that was written is there; lists may go on. Names of ConfigMaps end with what is in them. */
function contains(there: unknown, written: unknown): boolean {
  if (typeof written === "string" && typeof there === "string")
    return there === written || there.replace(/-[a-z0-9]{10}$/, "") === written;
  if (typeof written !== "object" || written === null) return there === written;
  return Object.entries(written).every(([key, value]) =>
    contains((there as Record<string, unknown> | null)?.[key], value),
  );
}

test("what an app's own file says is what it gets: the kit overwrites none of it", async () => {
  const folders = (await list("gitops/apps/*/base/*/kustomization.yaml")).map(dirname);
  expect(folders.length).toBeGreaterThan(0);
  for (const path of folders) {
    const rendered = manifestsOf(await render(join(import.meta.dirname, "../..", path)));
    for (const file of (await list(`${path}/*.yaml`)).filter((each) => !each.endsWith("/kustomization.yaml")))
      for (const { kind, spec } of manifestsOf(await readFile(join(import.meta.dirname, "../..", file), "utf8")))
        expect(
          rendered.filter((each) => each.kind === kind && contains(each.spec, spec)),
          `${kind} of ${file}`,
        ).not.toEqual([]);
  }
  expect(contains({ replicas: 2, strategy: { a: [1, 2] } }, { strategy: { a: [1] } })).toBe(true);
  expect(contains({ replicas: 2 }, { replicas: 3 })).toBe(false);
});
