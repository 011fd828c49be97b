import { chmod, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messageOf } from "../core/errors.ts";
import { git } from "../git/git.ts";
import { discoverImages } from "./image.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";

const component = (folder: string, ...more: string[]) => ({
  [`${folder}/Dockerfile`]: "FROM scratch\nCOPY . .\n",
  [`${folder}/Dockerfile.dockerignore`]: ["*", `!${folder}`, ...more, ""].join("\n"),
});

const keysOf = async (repository: string, revision?: string) =>
  Object.fromEntries((await discoverImages(repository, revision)).map(({ name, key }) => [name, key]));

/** A repository with two images that share a library, and nothing else. */
async function twoImages() {
  const repository = await temporaryRepository();
  await commitFiles(repository.path, {
    ...component("apps/demo/api", "!apps/kit/src", "!package-lock.json"),
    ...component("apps/demo/web"),
    "apps/demo/api/main.ts": "1",
    "apps/kit/src/log.ts": "1",
    "apps/kit/README.md": "1",
    "package-lock.json": "{}",
  });
  return repository;
}

describe("discovery", () => {
  it("takes a folder with a Dockerfile for an image, at exactly one depth", async () => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, {
      ...component("apps/demo/web"),
      ...component("apps/demo/api"),
      "apps/demo/api/tools/deeper/Dockerfile": "FROM scratch",
      "apps/demo/docs/README.md": "no image",
      Dockerfile: "FROM scratch",
    });
    const [api, web, ...more] = await discoverImages(repository.path);
    expect(more).toEqual([]);
    expect(api).toMatchObject({ name: "demo-api", app: "demo", component: "api", folder: "apps/demo/api" });
    expect(api?.key).toMatch(/^[0-9a-f]{64}$/);
    expect(web?.name).toBe("demo-web");
  });

  it("finds nothing where there is no folder apps", async () => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, { "README.md": "nothing" });
    expect(await discoverImages(repository.path)).toEqual([]);
  });

  it("reads the revision, not the working tree", async () => {
    await using repository = await twoImages();
    const before = await keysOf(repository.path);
    await writeFile(join(repository.path, "apps/demo/api/main.ts"), "dirty");
    await git(repository.path, ["add", "."]);
    expect(await keysOf(repository.path)).toEqual(before);
    await commitFiles(repository.path, {});
    expect((await keysOf(repository.path))["demo-api"]).not.toBe(before["demo-api"]);
    expect(await keysOf(repository.path, "HEAD~1")).toEqual(before);
  });

  it("says every rule that a folder breaks, at once", async () => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, {
      "apps/demo/api/Dockerfile": "FROM scratch",
      ...component("apps/Shop/api"),
      ...component("apps/demo/my_web"),
      ...component("apps/a-b/c"),
      ...component("apps/a/b-c"),
      ...component("apps/build/cache"),
      ...component(`apps/demo/${"long".repeat(16)}`),
    });
    const failure = await discoverImages(repository.path).then(() => "no error", messageOf);
    expect(failure.split("\n").sort()).toEqual([
      expect.stringMatching(/^apps\/Shop\/api: "Shop" is not a name for an app\. Use lower-case/),
      expect.stringMatching(/^apps\/a\/b-c and apps\/a-b\/c are both image a-b-c\.|^apps\/a-b\/c and apps\/a\/b-c/),
      expect.stringMatching(/^apps\/build\/cache: "build-cache" names the repository of the builder's cache/),
      expect.stringMatching(/^apps\/demo\/api\/Dockerfile has no Dockerfile\.dockerignore next to it\./),
      expect.stringMatching(/^apps\/demo\/long.* has 69 characters\. Use at most 63\./),
      expect.stringMatching(/^apps\/demo\/my_web: "my_web" is not a name for a component/),
    ]);
  });

  it("says each image that would silently be none, at once", async () => {
    await using repository = await temporaryRepository();
    const stray = [
      "apps/Dockerfile",
      "apps/demo/Dockerfile",
      "apps/demo/one/deeper/Dockerfile",
      "apps/demo/two/Dockerfile.prod",
      "apps/demo/three/dockerfile",
      "apps/demo/four/Containerfile",
      "apps/demo/five/prod.Dockerfile",
      "apps/demo/api/Dockerfile.prod",
      "apps/demo/six/a/b/c/DOCKERFILE",
    ];
    await commitFiles(repository.path, {
      ...component("apps/demo/api"),
      ...Object.fromEntries(stray.map((path) => [path, "FROM scratch"])),
      "Apps/web/Dockerfile": "FROM scratch",
      "apps/demo/seven/Dockerfile/README.md": "",
      "apps/README.md": "",
      "apps/demo/lib/dockerfile.ts": "",
      "apps/demo/.devcontainer/Dockerfile": "FROM scratch",
      "apps/demo/lib/.ci/Dockerfile": "FROM scratch",
    });
    await symlink("../README.md", join(repository.path, "apps/demo/README.md"));
    await symlink("api", join(repository.path, "apps/demo/web"));
    await symlink("demo", join(repository.path, "apps/store"));
    await symlink("/elsewhere", join(repository.path, "apps/away"));
    await commitFiles(repository.path, {});
    const lines = (await discoverImages(repository.path).then(() => "no error", messageOf)).split("\n");
    const first = lines.map((line) => line.split(" ")[0]).sort();
    const links = ["apps/demo/web", "apps/store", "apps/away"];
    expect(first).toEqual([...stray, ...links, "Apps", "apps/demo/seven/Dockerfile"].sort());
    expect(lines.find((line) => line.startsWith("apps/demo/Dockerfile"))).toContain(
      "makes no image: only apps/<app>/<component>/Dockerfile does.",
    );
  });

  it.each(["160000", "120000", "100644"])("refuses apps that is not a folder (mode %s)", async (mode) => {
    await using repository = await temporaryRepository();
    const commit = await commitFiles(repository.path, { other: "elsewhere" });
    const blob = (await git(repository.path, ["rev-parse", "HEAD:other"])).stdout.trim();
    const entry = `${mode},${mode === "160000" ? commit : blob},apps`;
    await git(repository.path, ["update-index", "--add", "--cacheinfo", entry]);
    const person = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    await git(repository.path, [...person, "commit", "-q", "-m", "Take the name"]);
    await expect(discoverImages(repository.path)).rejects.toThrow("apps is not a folder of this repository");
  });

  it.each([
    ["", /api\/Dockerfile\.dockerignore must start with the line "\*".*rebuild/],
    ["node_modules\n", /must start with the line "\*"/],
    ["!apps\n*\n", /must start with the line "\*"/],
    ["*\n!\n", /Dockerfile\.dockerignore:2: "!" names nothing/],
  ])("refuses the ignore file %j and says why", async (text, message) => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, {
      ...component("apps/demo/api"),
      "apps/demo/api/Dockerfile.dockerignore": text,
    });
    await expect(discoverImages(repository.path)).rejects.toThrow(message);
  });

  it("refuses a Dockerfile or an ignore file that is a link", async () => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, {
      ...component("apps/demo/api"),
      "apps/demo/web/README.md": "",
      "apps/demo/job/Dockerfile": "FROM scratch",
    });
    await symlink("../api/Dockerfile", join(repository.path, "apps/demo/web/Dockerfile"));
    await symlink("../api/Dockerfile.dockerignore", join(repository.path, "apps/demo/job/Dockerfile.dockerignore"));
    await commitFiles(repository.path, {});
    await expect(discoverImages(repository.path)).rejects.toThrow(
      /job\/Dockerfile\.dockerignore is not a file.*\n.*web\/Dockerfile is a symbolic link/,
    );
  });

  it("says what is wrong with a revision or a folder that git does not know", async () => {
    await using repository = await temporaryRepository();
    await expect(discoverImages(repository.path)).rejects.toThrow("The repository has no commit HEAD.");
    await commitFiles(repository.path, {});
    await expect(discoverImages(repository.path, "nowhere")).rejects.toThrow("The repository has no commit nowhere.");
    await expect(discoverImages(repository.path, "a\nb")).rejects.toThrow('"a\\nb" is not a git revision.');
    await expect(discoverImages("/")).rejects.toThrow(/not a git repository/);
    await expect(discoverImages(join(repository.path, "missing"))).rejects.toThrow(/missing/);
  });
});

describe("a content key", () => {
  it("changes with exactly what the build can see", async () => {
    await using repository = await twoImages();
    let before = await keysOf(repository.path);
    const changed = async (files: Record<string, string>) => {
      await commitFiles(repository.path, files);
      const now = await keysOf(repository.path);
      const names = Object.keys({ ...before, ...now }).filter((name) => now[name] !== before[name]);
      before = now;
      return names;
    };
    expect(await changed({ "apps/demo/api/main.ts": "2" })).toEqual(["demo-api"]);
    expect(await changed({ "apps/kit/src/log.ts": "2" })).toEqual(["demo-api"]);
    expect(await changed({ "package-lock.json": '{"lockfileVersion":3}' })).toEqual(["demo-api"]);
    expect(await changed({ "apps/demo/web/index.html": "new" })).toEqual(["demo-web"]);
    expect(await changed({ "apps/demo/web/Dockerfile": "FROM scratch\n" })).toEqual(["demo-web"]);
    expect(await changed({ "apps/demo/web/Dockerfile.dockerignore": "*\n!apps/demo/web\n!more\n" })).toEqual([
      "demo-web",
    ]);
    expect(await changed({ "more/data.json": "[]" })).toEqual(["demo-web"]);
    expect(await changed({ "README.md": "unseen", "apps/kit/README.md": "unseen" })).toEqual([]);
    expect(await changed(component("apps/other/api"))).toEqual(["other-api"]);
    expect(await changed({})).toEqual([]);
    expect(await changed({ ".gitattributes": "*.sh text eol=lf\n" })).toEqual(["demo-api", "demo-web", "other-api"]);
    expect(await changed({ "apps/kit/.gitattributes": "*.ts -text\n" })).toEqual(["demo-api"]);
  });

  it("covers the Dockerfile and the ignore file although neither is let in", async () => {
    await using repository = await temporaryRepository();
    const files = { "apps/demo/api/Dockerfile": "FROM a", "apps/demo/api/Dockerfile.dockerignore": "*\n" };
    await commitFiles(repository.path, files);
    const keys = [await keysOf(repository.path)];
    await commitFiles(repository.path, { "apps/demo/api/Dockerfile": "FROM b" });
    keys.push(await keysOf(repository.path));
    await commitFiles(repository.path, { "apps/demo/api/Dockerfile.dockerignore": "*\n# said otherwise\n" });
    keys.push(await keysOf(repository.path));
    expect(new Set(keys.map((each) => each["demo-api"])).size).toBe(3);
  });

  it("changes with a mode, a link's target, a file that becomes a link, and a renamed folder", async () => {
    await using repository = await twoImages();
    const file = join(repository.path, "apps/demo/api/main.ts");
    const seen = [(await keysOf(repository.path))["demo-api"]];
    const step = async (change: () => Promise<unknown>) => {
      await change();
      await commitFiles(repository.path, {});
      const key = (await keysOf(repository.path))["demo-api"];
      expect(seen).not.toContain(key);
      seen.push(key);
    };
    await step(() => chmod(file, 0o755));
    await step(() => symlink("main.ts", join(repository.path, "apps/demo/api/link.ts")));
    await step(async () => {
      await rename(file, join(repository.path, "apps/demo/api/start.ts"));
    });
    await rename(join(repository.path, "apps/demo"), join(repository.path, "apps/store"));
    await expect(commitFiles(repository.path, {}).then(() => keysOf(repository.path))).resolves.toEqual({
      "store-api": expect.not.stringContaining(seen.at(-1) ?? ""),
      "store-web": expect.any(String),
    });
  });

  it("is the same in every clone and on every branch, whatever its history", async () => {
    await using repository = await twoImages();
    const keys = await keysOf(repository.path);
    await commitFiles(repository.path, { "README.md": "a parent" });
    await using other = await temporaryRepository();
    await git(other.path, ["fetch", "-q", "--depth=1", `file://${repository.path}`, "HEAD"]);
    expect(await keysOf(other.path, "FETCH_HEAD")).toEqual(keys);
    const tree = (await git(repository.path, ["rev-parse", "HEAD~1^{tree}"])).stdout.trim();
    const person = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    const orphan = (await git(repository.path, [...person, "commit-tree", "-m", "forced", tree])).stdout.trim();
    expect(await keysOf(repository.path, orphan)).toEqual(keys);
  });

  it("needs only the ignore files of a partial clone, and fetches them in one request", async () => {
    await using repository = await twoImages();
    await git(repository.path, ["config", "uploadpack.allowFilter", "true"]);
    await git(repository.path, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
    const keys = await keysOf(repository.path);
    await using parent = await temporaryRepository();
    const clone = join(parent.path, "clone");
    const from = `file://${repository.path}`;
    await git(parent.path, ["clone", "-q", "--depth=1", "--filter=blob:none", "--no-checkout", from, clone]);
    const missing = async () =>
      (await git(clone, ["rev-list", "--objects", "--missing=print", "HEAD"])).stdout.match(/^\?/gm)?.length;
    expect(await missing()).toBe(5);
    await git(clone, ["config", "remote.origin.url", "file:///nowhere"]);
    await expect(keysOf(clone)).rejects.toThrow(/This partial clone lacks 2 files that are needed/);
    await git(clone, ["config", "remote.origin.url", from]);
    expect(await keysOf(clone)).toEqual(keys);
    expect(await missing()).toBe(3);
    await git(clone, ["config", "remote.origin.url", "file:///nowhere"]);
    expect(await keysOf(clone)).toEqual(keys);
  });
});

describe("a submodule", () => {
  /** Commits a folder that git takes for a submodule, as `git add` of a nested repository does. */
  const withSubmodule = async (path: string) => {
    const repository = await twoImages();
    const commit = (await git(repository.path, ["rev-parse", "HEAD"])).stdout.trim();
    await git(repository.path, ["update-index", "--add", "--cacheinfo", `160000,${commit},${path}`]);
    const person = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    await git(repository.path, [...person, "commit", "-q", "-m", "Add a nested repository"]);
    return repository;
  };

  it.each(["apps/nested", "apps/demo/nested"])("at %s is an error", async (path) => {
    await using repository = await withSubmodule(path);
    await expect(discoverImages(repository.path)).rejects.toThrow(`${path} is a submodule: its files are not in git`);
  });

  it("elsewhere does not matter", async () => {
    await using repository = await withSubmodule("docs/theme");
    expect(await discoverImages(repository.path)).toHaveLength(2);
  });
});
