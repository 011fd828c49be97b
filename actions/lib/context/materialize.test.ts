import { chmod, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkContexts, materializeBuildContext } from "./materialize.ts";
import { git, gitText } from "../git/git.ts";
import { discoverImages, type Image } from "../images/image.ts";
import { randomNumbers } from "../../testing/images/ignore-cases.ts";
import { readIgnoreLines } from "./ignore-lines.ts";
import { IgnoreWalk } from "./ignore-walk.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";

const folder = "apps/demo/api";
const image = async (repository: string) => (await discoverImages(repository))[0] as Image;
const filesIn = async (path: string) => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
};

describe("the key of whole folders and the list of files", () => {
  const parents = [folder, `${folder}/src`, `${folder}/test`, "apps/demo", "apps/kit", "kit", "kit/src", "src/test"];
  const names = ["a.ts", "b.md", "test", "src", "kit", "deep/c.ts", "deep/b.md"];
  const includes = ["!apps/demo/api", "!apps/demo", "!kit", "!kit/src", "!src/**", "!kit/*", "!apps/kit/**"];
  const wildcards = ["!**/a.ts", "!apps/*/kit", "!k?t/src", "!apps/**/src"];
  const exclusions = ["**/test", "**/*.md", "apps/demo/api/test", "kit/src", "apps", "*/kit", "src/test/", "k*"];

  it.each([2, 3, 4, 5, 6, 7, 9, 10])("agree on which changes matter (seed %i)", { timeout: 120_000 }, async (seed) => {
    const random = randomNumbers(seed);
    const some = <T>(list: readonly T[]) => list[random(list.length)] as T;
    await using repository = await temporaryRepository();
    const blob = (text: string) => gitText(repository.path, ["hash-object", "-w", "--stdin"], { input: text });
    const blobs = [await blob("1"), await blob("2"), await blob("3")];
    const lines = ["*", some(includes), some(includes), some([...includes, ...wildcards]), some(exclusions)];
    lines.push(some([...includes, ...exclusions]));
    const ignoreText = `${lines.slice(0, 3 + random(4)).join("\n")}\n`;
    const needed = [
      `100644 ${blobs[0]}\t${folder}/Dockerfile`,
      `100644 ${await blob(ignoreText)}\t${folder}/Dockerfile.dockerignore`,
    ];
    const walk = new IgnoreWalk(readIgnoreLines(ignoreText, "").map(({ rule }) => rule));

    const files = new Map<string, string>();
    const listings: string[] = [];
    const keys: string[] = [];
    for (let step = 0; step < 25; step += 1) {
      const path = `${some(parents)}/${some(names)}`;
      // git holds no file where a folder is, so what is in the way goes.
      for (const other of files.keys())
        if (`${other}/`.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other);
      // A link where a component would be is refused: it leads to no file here.
      const modes = /^apps\/[^/]+\/[^/]+$/.test(path) ? ["100644", "100755", "100644"] : ["100644", "100755", "120000"];
      if (random(4) > 0) files.set(path, `${some(modes)} ${some(blobs)}`);
      const index = { variables: { GIT_INDEX_FILE: join(repository.path, ".git", `step-${step}`) } };
      const all = [...needed, ...[...files].map(([name, entry]) => `${entry}\t${name}`)];
      await git(repository.path, ["update-index", "--index-info"], { ...index, input: `${all.join("\n")}\n` });
      const tree = await gitText(repository.path, ["write-tree"], index);
      const person = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
      const commit = await gitText(repository.path, [...person, "commit-tree", "-m", "Step", tree]);
      const sent = (line: string) => walk.look(line.split("\t")[1] ?? "").sent;
      if (all.some((line) => sent(line) === "empty")) {
        await expect(discoverImages(repository.path, commit)).rejects.toThrow("without its content");
        continue;
      }
      const [found] = await discoverImages(repository.path, commit);
      keys.push(found?.key ?? "");
      const visible = all.filter((line) => needed.includes(line) || sent(line));
      listings.push(visible.sort().join("\n"));
    }
    // Otherwise nothing is shown.
    expect(new Set(listings).size).toBeGreaterThan(2);
    expect(new Set(listings).size).toBeLessThan(listings.length);
    for (const [a, key] of keys.entries())
      for (const [b, other] of keys.entries())
        expect({ ignoreText, a: listings[a], b: listings[b], same: key === other }).toMatchObject({
          same: listings[a] === listings[b],
        });
  });
});

describe("a materialized context", () => {
  it("holds exactly what the key covers, as a checkout writes it", async () => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, {
      [`${folder}/Dockerfile`]: "FROM scratch",
      [`${folder}/Dockerfile.dockerignore`]: "*\n!apps/demo/api/src\n!kit\n**/*.md\n!package.json\n!absent\n",
      [`${folder}/src/main.ts`]: "main",
      [`${folder}/src/run.sh`]: "run",
      [`${folder}/src/notes.md`]: "kept out by a later line",
      [`${folder}/test/main.test.ts`]: "not let in",
      "kit/log.ts": "one\r\ntwo\r\n",
      "kit/dos.bat": "one\ntwo\n",
      "kit/shout.txt": "quiet",
      "kit/ñandú ü.txt": "name",
      "package.json": "{}",
      "README.md": "not let in",
      ".gitattributes": "*.bat text eol=crlf\n*.txt filter=loud\n",
    });
    await chmod(join(repository.path, folder, "src/run.sh"), 0o755);
    await symlink("../kit/log.ts", join(repository.path, "kit/link.ts"));
    await commitFiles(repository.path, {});
    await git(repository.path, ["config", "filter.loud.smudge", "tr a-z A-Z"]);
    await git(repository.path, ["config", "core.autocrlf", "true"]); // one machine's setting
    await writeFile(join(repository.path, "kit/log.ts"), "dirty");

    const into = join(repository.path, ".git", "context");
    const mask = process.umask(0o077);
    await materializeBuildContext(repository.path, await image(repository.path), "HEAD", into).finally(() =>
      process.umask(mask),
    );
    const files = [".gitattributes", `${folder}/Dockerfile`, `${folder}/Dockerfile.dockerignore`];
    files.push(`${folder}/src/main.ts`, `${folder}/src/run.sh`, "kit/dos.bat", "kit/link.ts", "kit/log.ts");
    files.push("kit/shout.txt", "kit/ñandú ü.txt", "package.json");
    expect(await filesIn(into)).toEqual(files.sort());
    const text = (path: string) => readFile(join(into, path), "utf8");
    expect(await text("kit/log.ts")).toBe("one\r\ntwo\r\n");
    expect(await text("kit/dos.bat")).toBe("one\r\ntwo\r\n");
    expect(await text("kit/shout.txt")).toBe("QUIET");
    expect(await readlink(join(into, "kit/link.ts"))).toBe("../kit/log.ts");
    expect((await stat(join(into, `${folder}/src/run.sh`))).mode & 0o777).toBe(0o755);
    expect((await stat(join(into, "package.json"))).mode & 0o777).toBe(0o644);
    expect((await stat(join(into, "kit"))).mode & 0o777).toBe(0o755);
    expect((await lstat(into)).mode & 0o777).toBe(0o755);
    expect(await readdir(join(repository.path, ".git"))).not.toContain("context.index");
    // The working tree and its index are as they were.
    expect(await gitText(repository.path, ["status", "--porcelain"])).toBe(" M kit/log.ts");
  });

  it("comes out of a partial, sparse clone with one fetch", async () => {
    await using repository = await temporaryRepository();
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`${folder}/src/${index}.ts`, `${index}`]),
    );
    await commitFiles(repository.path, {
      ...many,
      [`${folder}/Dockerfile`]: "FROM scratch",
      [`${folder}/Dockerfile.dockerignore`]: `*\n!${folder}/src\n`,
      "other/unseen.ts": "not fetched",
    });
    await git(repository.path, ["config", "uploadpack.allowFilter", "true"]);
    await git(repository.path, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
    const clone = join(repository.path, ".git", "clone");
    await git(repository.path, ["clone", "-q", "--sparse", "--filter=blob:none", `file://${repository.path}`, clone]);
    const into = join(repository.path, ".git", "context");
    const trace = join(repository.path, ".git", "trace");
    const before = process.env.GIT_TRACE;
    process.env.GIT_TRACE = trace;
    await materializeBuildContext(clone, await image(clone), "HEAD", into).finally(() => {
      if (before === undefined) delete process.env.GIT_TRACE;
      else process.env.GIT_TRACE = before;
    });
    expect(await filesIn(into)).toHaveLength(22);
    // One for the ignore file, one for everything else.
    expect((await readFile(trace, "utf8")).match(/built-in: git fetch/g)).toHaveLength(2);
    expect((await git(clone, ["rev-list", "--objects", "--missing=print", "HEAD"])).stdout.match(/^\?/gm)).toHaveLength(
      1,
    );
  });

  it("is refused for an image that is another one at that revision, and for a folder with files", async () => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, {
      [`${folder}/Dockerfile`]: "FROM scratch",
      [`${folder}/Dockerfile.dockerignore`]: "*\n",
    });
    const found = await image(repository.path);
    const into = join(repository.path, ".git", "context");
    await mkdir(into);
    await writeFile(join(into, "stray"), "");
    await expect(materializeBuildContext(repository.path, found, "HEAD", into)).rejects.toThrow(/is not empty/);
    await commitFiles(repository.path, { [`${folder}/Dockerfile`]: "FROM other" });
    await expect(materializeBuildContext(repository.path, found, "HEAD", `${into}2`)).rejects.toThrow(
      /not the same at HEAD/,
    );
    await git(repository.path, ["rm", "-rq", "apps"]);
    await commitFiles(repository.path, {});
    await expect(materializeBuildContext(repository.path, found, "HEAD", `${into}2`)).rejects.toThrow(
      /not the same at HEAD/,
    );
  });

  it("is refused for a submodule deep inside of a whole folder", async () => {
    await using repository = await temporaryRepository();
    const commit = await commitFiles(repository.path, {
      [`${folder}/Dockerfile`]: "FROM scratch",
      [`${folder}/Dockerfile.dockerignore`]: `*\n!${folder}\n`,
      [`${folder}/vendor/README.md`]: "",
    });
    const path = `${folder}/vendor/deep/nested`;
    await git(repository.path, ["update-index", "--add", "--cacheinfo", `160000,${commit},${path}`]);
    await git(repository.path, [
      "-c",
      "user.name=Test",
      "-c",
      "user.email=t@example.com",
      "commit",
      "-q",
      "-m",
      "Nest",
    ]);
    const found = await image(repository.path);
    await expect(checkContexts(repository.path, [found], "HEAD")).rejects.toThrow(
      `${path} is a submodule, in the build context of ${folder}`,
    );
    const into = join(repository.path, ".git", "context");
    await expect(materializeBuildContext(repository.path, found, "HEAD", into)).rejects.toThrow("is a submodule");
  });
});

describe("a file that goes through a filter", () => {
  const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"a".repeat(64)}\nsize 12345\n`;
  const building = async (files: Record<string, string>, settings: Record<string, string> = {}) => {
    const repository = await temporaryRepository();
    await commitFiles(repository.path, {
      [`${folder}/Dockerfile`]: "FROM scratch",
      [`${folder}/Dockerfile.dockerignore`]: `*\n!${folder}\n`,
    });
    for (const [name, value] of Object.entries({ "filter.lfs.required": "false", ...settings }))
      await git(repository.path, ["config", name, value]);
    await commitFiles(repository.path, files);
    const build = async () =>
      materializeBuildContext(
        repository.path,
        await image(repository.path),
        "HEAD",
        join(repository.path, ".git", `context${Math.random()}`),
      );
    return { path: repository.path, build, [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose]() };
  };
  const noFilter = { "filter.lfs.smudge": "", "filter.lfs.process": "", "filter.lfs.clean": "" };

  it.each([
    [".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text", 'filter "lfs"', "git lfs install"],
    [`${folder}/.gitattributes`, "*.bin filter=lfs", 'filter "lfs"', "lfs: true"],
    [".gitattributes", "[attr]secret filter=git-crypt\n*.bin secret", 'filter "git-crypt"', "filter.git-crypt.smudge"],
  ])("that %s names and this machine lacks is refused", async (path, line, filter, next) => {
    await using repository = await building({ [path]: `${line}\n`, [`${folder}/model.bin`]: POINTER }, noFilter);
    const failure = await repository.build().then(
      () => "no error",
      (error: unknown) => (error as Error).message,
    );
    expect(failure).toContain(`${folder}/model.bin goes through git's ${filter}`);
    expect(failure).toContain(next);
    expect(failure.split("\n")).toHaveLength(1);
  });

  it.each([
    ["smudge", "false"],
    ["process", "no-such-program filter-process"],
    ["smudge", "no-such-program"],
  ])("that fails (%s: %s) fails the build, although nothing requires it", async (kind, command) => {
    const files = { ".gitattributes": "*.bin filter=own\n", [`${folder}/model.bin`]: "stored" };
    await using repository = await building(files);
    await git(repository.path, ["config", `filter.own.${kind}`, command]);
    await expect(repository.build()).rejects.toThrow(/own|filter/);
  });

  it("is refused as a pointer when the filter leaves it or no attribute names one", async () => {
    const pointer = { [`${folder}/model.bin`]: POINTER };
    const files = { ".gitattributes": "*.bin filter=own\n", ...pointer };
    await using left = await building(files, { "filter.own.smudge": "cat" });
    await expect(left.build()).rejects.toThrow(`${folder}/model.bin is a pointer of Git LFS and not the file itself.`);
    await using unnamed = await building(pointer);
    await expect(unnamed.build()).rejects.toThrow("is a pointer of Git LFS");
  });

  it("does not matter where the build does not see it", async () => {
    await using repository = await building(
      { ".gitattributes": "*.bin filter=lfs\n", "docs/big.bin": POINTER },
      noFilter,
    );
    await expect(repository.build()).resolves.toBeUndefined();
  });

  it("is not left to one machine's own attributes or order of bytes", async () => {
    const files = { [`${folder}/a.txt`]: "a\n", ".gitattributes": "*.txt text\n" };
    await using repository = await building(files);
    const own = join(repository.path, ".git/info/attributes");
    await mkdir(join(own, ".."), { recursive: true });
    await writeFile(own, "# mine\n*.txt diff=words\n");
    await expect(repository.build()).resolves.toBeUndefined();
    await writeFile(own, "# mine\n*.txt eol=crlf\n");
    await expect(repository.build()).rejects.toThrow(/info\/attributes:2 changes how this machine writes files/);
    await writeFile(own, "");
    await writeFile(join(repository.path, folder, "a.txt"), Buffer.from("\ufeffa\n", "utf16le"));
    await commitFiles(repository.path, { ".gitattributes": "*.txt working-tree-encoding=UTF-16\n" });
    await expect(repository.build()).rejects.toThrow(/a\.txt: working-tree-encoding=UTF-16 leaves the order of bytes/);
  });
});
