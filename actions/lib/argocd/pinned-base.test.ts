import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { git, gitText } from "../git/git.ts";
import { commitFiles, temporaryRepository, type TestRepository } from "../../testing/repository.ts";
import { fetchPinnedBase, treeAnnotation } from "./pinned-base.ts";

let upstream: TestRepository;
let folder: string;
let tree: string;

beforeEach(async () => {
  upstream = await temporaryRepository();
  await commitFiles(upstream.path, { "manifests/install/kustomization.yaml": "resources: []\n", "README.md": "1" });
  await git(upstream.path, ["tag", "v1"]);
  tree = await gitText(upstream.path, ["rev-parse", "v1:manifests"]);
  folder = await mkdtemp(join(tmpdir(), "slipway-pin-"));
  await mkdir(join(folder, "argocd"));
});
afterEach(async () => {
  await upstream[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const base = (ref = "v1") => `file://${upstream.path}//manifests/install?ref=${ref}`;

/** Fetches what a kustomization with these resources names. @returns the folder to render */
async function fetched(resources: string[], pin: string | undefined = tree, signal = AbortSignal.timeout(20_000)) {
  const annotations = pin === "" ? {} : { [treeAnnotation]: pin };
  await writeFile(
    join(folder, "argocd/kustomization.yaml"),
    JSON.stringify({ kind: "Kustomization", metadata: { annotations }, namespace: "argocd", resources }),
  );
  await writeFile(join(folder, "argocd/namespace.yaml"), "kind: Namespace\n");
  return fetchPinnedBase(join(folder, "argocd"), join(folder, "scratch"), signal);
}

const kustomizationOf = async (path: string) =>
  parse(await readFile(join(path, "kustomization.yaml"), "utf8")) as { resources: string[]; namespace: string };

it("gives the same kustomization with the pinned content next to it", async () => {
  const path = await fetched(["namespace.yaml", base()]);
  const { resources, namespace } = await kustomizationOf(path);
  expect({ resources, namespace }).toEqual({
    resources: ["namespace.yaml", "../base/manifests/install"],
    namespace: "argocd",
  });
  expect(await readFile(join(path, "namespace.yaml"), "utf8")).toBe("kind: Namespace\n");
  expect(await readFile(join(path, "../base/manifests/install/kustomization.yaml"), "utf8")).toBe("resources: []\n");
});

it("refuses a tag that was moved to other content, and takes one that was moved to the same", async () => {
  await commitFiles(upstream.path, { "README.md": "2" });
  await git(upstream.path, ["tag", "--force", "v1"]);
  await expect(fetched([base()])).resolves.toContain("scratch");
  await rm(join(folder, "scratch"), { recursive: true });

  await commitFiles(upstream.path, { "manifests/install/kustomization.yaml": "resources: [https://evil.example]\n" });
  await git(upstream.path, ["tag", "--force", "v1"]);
  const moved = await gitText(upstream.path, ["rev-parse", "v1:manifests"]);
  await expect(fetched([base()])).rejects.toMatchObject({
    reason: "base-changed",
    message: expect.stringContaining(`the tree of manifests is ${moved}, not ${tree}.`) as unknown,
  });
});

it("refuses content that is not there any more", async () => {
  await git(upstream.path, ["rm", "-rq", "manifests"]);
  await commitFiles(upstream.path, {});
  await git(upstream.path, ["tag", "--force", "v1"]);
  await expect(fetched([base()])).rejects.toThrow("the tree of manifests is not there, not");
});

it.each<[string, () => string[], string | undefined]>([
  ["no pin", () => [base()], ""],
  ["a pin that is not a tree", () => [base()], "v1"],
  ["two bases", () => [base(), "https://example.org/other//base?ref=v1"], undefined],
  ["no tag", () => ["https://github.com/argoproj/argo-cd//manifests/install"], undefined],
  ["a plain file of another server", () => ["https://example.org/install.yaml"], undefined],
  ["an address without a scheme", () => ["github.com/argoproj/argo-cd/manifests?ref=v1"], undefined],
  ["an SSH address", () => ["git@github.com:argoproj/argo-cd//manifests?ref=v1"], undefined],
])("refuses %s before it fetches anything", async (_, resources, pin) => {
  await expect(fetched(resources(), pin)).rejects.toMatchObject({ reason: "base-not-pinned" });
});

it("says what cannot be fetched", async () => {
  await expect(fetched([base("v2")])).rejects.toMatchObject({
    reason: "base-unreachable",
    message: expect.stringMatching(/at v2 cannot be fetched: git fetch/) as unknown,
  });
});

it("leaves a folder alone that has all it needs", async () => {
  expect(await fetched(["namespace.yaml", "../other"], "")).toBe(join(folder, "argocd"));
});
