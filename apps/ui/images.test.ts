import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { gitText } from "../../actions/lib/git/git.ts";
import { discoverImages } from "../../actions/lib/images/image.ts";
import { commitFiles, temporaryRepository } from "../../actions/testing/repository.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFile(join(root, path), "utf8");

/** The folders of all interfaces: those whose image is built with this kit. */
const interfaces: string[] = [];
for (const path of globSync("apps/*/*/Dockerfile", { cwd: root }).sort())
  if ((await read(path)).includes("apps/ui/package.json")) interfaces.push(dirname(path));

test("there is an interface", () => {
  expect(interfaces).not.toEqual([]);
});

test("all of their images begin with the same layer of dependencies", async () => {
  const layers = new Map<string, string[]>();
  for (const folder of interfaces) {
    const text = await read(`${folder}/Dockerfile`);
    const layer = /^FROM [^]*? npm ci --workspace=@slipway\/ui [^\n]*\n/m.exec(text)?.[0] ?? `none in ${folder}`;
    layers.set(layer, [...(layers.get(layer) ?? []), folder]);
  }
  expect([...layers.values()]).toEqual([interfaces]);
  const [layer = ""] = layers.keys();
  expect(layer.split("\n").filter((line) => line.startsWith("COPY"))).toEqual([
    "COPY .npmrc package.json package-lock.json ./",
    "COPY apps/ui/package.json apps/ui/",
  ]);
});

test.each(interfaces)("%s installs nothing besides that layer", async (folder) => {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(await read(`${folder}/package.json`)) as {
    dependencies?: Record<string, string>;
    devDependencies?: Record<string, string>;
  };
  const names = Object.keys({ ...dependencies, ...devDependencies });
  expect(names).toContain("@slipway/ui");
  expect(names.filter((name) => !name.startsWith("@slipway/"))).toEqual([]);
});

test("a change here is another image of every interface, and of nothing else", async () => {
  await using repository = await temporaryRepository();
  const seen = ["apps", ".npmrc", "package.json", "package-lock.json", "tsconfig.json"];
  const names = await gitText(root, ["ls-files", "-z", "--", ...seen]);
  const files: Record<string, string> = {};
  for (const name of names.split("\0").filter(Boolean)) files[name] = await read(name);
  await commitFiles(repository.path, files);
  const keys = async () =>
    new Map((await discoverImages(repository.path)).map(({ folder, key }) => [folder, key] as const));
  let before = await keys();
  const changed = async (path: string) => {
    await commitFiles(repository.path, { [path]: `${files[path] ?? ""}\n` });
    const now = await keys();
    const folders = [...now.keys()].filter((folder) => now.get(folder) !== before.get(folder));
    before = now;
    return folders.sort();
  };
  for (const path of ["src/icon.ts", "styles/_theme.scss", "nginx/page.conf", "build/ng.ts", "locale/es.json"])
    expect({ path, folders: await changed(`apps/ui/${path}`) }).toEqual({ path, folders: interfaces });
  for (const path of ["README.md", "testing/pages.ts", "src/api/problem.test.ts", "images.test.ts"])
    expect({ path, folders: await changed(`apps/ui/${path}`) }).toEqual({ path, folders: [] });
  // They do not use the services' kit.
  for (const folder of await changed("apps/kit/package.json")) expect(interfaces).not.toContain(folder);
});
