import { git } from "../../actions/lib/git/git.ts";

/** What a repository for benchmarks holds. */
export interface RepositorySize {
  apps: number;
  libraries: number;
  /** In every app and library. */
  files: number;
}

const LOCK_FILE = JSON.stringify({ name: "bench", lockfileVersion: 3, requires: true, packages: {} });
const PERSON = "committer Bench <bench@example.com> 1700000000 +0000";
const file = (path: string, text: string) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
const commit = (text: string, files: readonly string[]) =>
  `commit refs/heads/main\n${PERSON}\ndata ${text.length}\n${text}\n${files.join("")}\n`;
const sourceFile = (folder: string, index: number) => `${folder}/src/part${index % 5}/file${index}.ts`;

/** The folder of an app's only component. */
export const appFolder = (app: number) => `apps/app${app}/api`;

/**
 * Makes a bare repository of apps that each let in their own folder, two libraries and the lock file, and that say the
 * same in `package.json` for tools that read it there. Each of `changes` becomes one more commit.
 *
 * @param changes the changed files of each commit: `[app, index of its file]`
 */
export async function makeRepository(
  folder: string,
  size: RepositorySize,
  changes: readonly (readonly (readonly [number, number])[])[],
): Promise<void> {
  const workspace = (name: string, dependencies: readonly string[]) =>
    JSON.stringify({
      name,
      version: "1.0.0",
      dependencies: Object.fromEntries(dependencies.map((each) => [each, "*"])),
    });
  const root = { name: "bench", private: true, packageManager: "npm@11.0.0", workspaces: ["apps/*/*", "libs/*"] };
  const files = [
    file("package.json", JSON.stringify(root)),
    file("package-lock.json", LOCK_FILE),
    file("turbo.json", "{}"),
  ];
  const sources = (path: string, count: number) => {
    for (let index = 0; index < count; index += 1)
      files.push(file(sourceFile(path, index), `export const value = "${path} ${index}";\n`));
  };
  for (let library = 0; library < size.libraries; library += 1) {
    files.push(file(`libs/lib${library}/package.json`, workspace(`lib${library}`, [])));
    sources(`libs/lib${library}`, size.files - 1);
  }
  for (let app = 0; app < size.apps; app += 1) {
    const path = appFolder(app);
    const libraries = [app % size.libraries, (app + 1) % size.libraries].map((library) => `lib${library}`);
    const seen = ["package.json", "package-lock.json", path, ...libraries.map((library) => `libs/${library}`)];
    files.push(file(`${path}/package.json`, workspace(`app${app}-api`, libraries)));
    files.push(file(`${path}/Dockerfile`, "FROM scratch\nCOPY . .\n"));
    files.push(file(`${path}/Dockerfile.dockerignore`, `*\n${seen.map((each) => `!${each}\n`).join("")}`));
    sources(path, size.files - 3);
  }
  const later = changes.map((changed, index) =>
    changed.map(([app, at]) => file(sourceFile(appFolder(app), at), `changed ${index}\n`)),
  );
  await git(".", ["init", "--quiet", "--bare", "--initial-branch=main", folder]);
  const input = [commit("All", files), ...later.map((each) => commit("Change", each))].join("");
  await git(folder, ["fast-import", "--quiet"], { input });
  await git(folder, ["gc", "--quiet"]);
}
