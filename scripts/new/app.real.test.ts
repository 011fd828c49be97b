import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../actions/lib/core/process.ts";
import { git } from "../../actions/lib/git/git.ts";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { discoverImages } from "../../actions/lib/images/image.ts";
import { checkApps } from "../../actions/lib/rules/check.ts";
import { gitopsFiles } from "../../actions/lib/rules/files.ts";
import { pinImages } from "../../gitops/released.ts";
import { renderAnywhere } from "../rehearsal/tools/kustomize.ts";
import { type NewApp, writeApp } from "./app.ts";
import { writeEnvironment } from "./environment.ts";
import type { AppPart } from "./parts.ts";

const root = join(import.meta.dirname, "../..");

/** Every combination of parts, each in an app of its own. */
const wanted: Record<string, AppPart[]> = {
  usual: [],
  "a-page": ["page"],
  "a-service": ["service"],
  both: ["service", "page"],
  stored: ["database"],
  cached: ["cache"],
  whole: ["page", "cache"],
};

const images: Record<string, string[]> = {
  usual: ["api", "database", "page"],
  "a-page": ["page"],
  "a-service": ["api", "gateway"],
  both: ["api", "page"],
  stored: ["api", "database", "gateway"],
  cached: ["api", "cache", "database", "gateway"],
  whole: ["api", "cache", "database", "page"],
};

const names = Object.keys(wanted);
const written: NewApp[] = [];
let folder: string;
let clone: string;

/** Writes each app into a copy of what git has of this working tree, and commits. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-apps-"));
  clone = join(folder, "clone");
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const path of stdout.split("\0").filter(Boolean)) {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    await cp(join(root, path), join(clone, path));
  }
  await symlink(join(root, "node_modules"), join(clone, "node_modules"));
  for (const name of names) written.push(await writeApp({ root: clone, name, wanted: wanted[name] ?? [] }));
  await git(clone, ["init", "-q", "-b", "main"]);
  await git(clone, ["add", "--all"]);
  await git(clone, ["-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "Add apps"]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inClone = (command: string, args: readonly string[]) =>
  run(join(root, "node_modules/.bin", command), args, { cwd: clone });

test("each has the images of its parts, and owes nothing of what every app owes", async () => {
  const found = await discoverImages(clone);
  for (const name of names)
    expect(found.filter(({ app }) => app === name).map(({ component }) => component)).toEqual(images[name]);
  const files = new Map(await gitopsFiles(clone, "HEAD"));
  await checkApps({ files, environment: "dev", images: found, render: renderAnywhere });
  for (const name of names)
    files.set(overlayPaths(name, "dev").images, pinImages((images[name] ?? []).map((each) => `${name}-${each}`)));
  await checkApps({ files, environment: "dev", images: found, render: renderAnywhere });
});

test("types, format and rules of the linter hold", async () => {
  await inClone("tsc", ["-p", "."]);
  await inClone("prettier", [
    "--check",
    "--log-level=warn",
    ...names.flatMap((name) => [`apps/${name}`, `gitops/apps/${name}`]),
  ]);
  await inClone(
    "eslint",
    names.map((name) => `apps/${name}`),
  );
});

test("their own tests pass, those on real parts as well", async () => {
  const file = join(folder, "report.json");
  await inClone("vitest", [
    "run",
    "--project",
    "unit",
    "--project",
    "real",
    "--reporter=json",
    `--outputFile.json=${file}`,
    ...names.map((name) => `apps/${name}/`),
  ]);
  const report = JSON.parse(await readFile(file, "utf8")) as { numFailedTests: number; numPassedTests: number };
  expect(report.numFailedTests).toBe(0);
  expect(report.numPassedTests).toBeGreaterThan(2 * names.length);
});

test("the lock is as npm writes it, and what an image's build copies of it can be installed and bundled", async () => {
  const lock = await readFile(join(clone, "package-lock.json"), "utf8");
  const place = join(folder, "image");
  for (const path of [
    ".npmrc",
    "package.json",
    "package-lock.json",
    "apps/kit/package.json",
    "apps/whole/api/package.json",
  ]) {
    await mkdir(dirname(join(place, path)), { recursive: true });
    await cp(join(clone, path), join(place, path));
  }
  const only = ["--workspace=@slipway/kit", "--workspace=@slipway/whole-api"];
  await run("npm", ["ci", "--dry-run", ...only, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: place });
  await run(
    "npm",
    ["install", "--package-lock-only", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"],
    { cwd: clone },
  );
  expect(await readFile(join(clone, "package-lock.json"), "utf8")).toBe(lock);
  const { scripts } = JSON.parse(await readFile(join(clone, "apps/whole/api/package.json"), "utf8")) as {
    scripts: { build: string };
  };
  const [node = "", ...args] = scripts.build.split(" ");
  await run(node, args, { cwd: join(clone, "apps/whole/api") });
});

test("what was written is told, and a second time it is refused", async () => {
  expect(written.find(({ app }) => app === "a-page")?.wrote).toEqual(["apps/a-page", "gitops/apps/a-page"]);
  expect(written.find(({ app }) => app === "usual")).toEqual({
    app: "usual",
    parts: ["service", "page", "database"],
    environments: ["dev"],
    wrote: ["apps/usual", "gitops/apps/usual", "package-lock.json"],
  });
  await expect(writeApp({ root: clone, name: "usual", wanted: [] })).rejects.toThrow("apps/usual is there already.");
});

test("a new environment has every app, and Argo CD is told of it", async () => {
  const { apps } = await writeEnvironment({ root: clone, name: "staging", like: "dev" });
  expect(apps).toEqual(expect.arrayContaining(names));
  await git(clone, ["add", "--all"]);
  const tree = (await git(clone, ["write-tree"])).stdout.trim();
  const author = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
  const commit = (await git(clone, [...author, "commit-tree", "-m", "Add staging", tree])).stdout.trim();
  const files = await gitopsFiles(clone, commit);
  await checkApps({ files, environment: "staging", images: await discoverImages(clone), render: renderAnywhere });
  const told = await renderAnywhere(join(clone, "gitops/bootstrap/staging"));
  expect(told).toContain("path: gitops/bootstrap/staging");
  expect(told).toContain("path: gitops/apps/*/overlays/staging/images/kustomization.yaml");
});
