import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusterVersions } from "./programs.ts";
import { versionTable } from "./versions.ts";

const argocdFile = "gitops/bootstrap/argocd/kustomization.yaml";
let repository: string;

/** The files of this repository that pin versions. */
beforeEach(async () => {
  repository = await mkdtemp(join(tmpdir(), "slipway-versions-"));
  for (const file of ["slipway.yaml", argocdFile]) {
    await mkdir(dirname(join(repository, file)), { recursive: true });
    await cp(join(import.meta.dirname, "../../..", file), join(repository, file));
  }
});
afterEach(() => rm(repository, { recursive: true, force: true }));

async function replace(file: string, what: RegExp, by: string): Promise<void> {
  const path = join(repository, file);
  const text = await readFile(path, "utf8");
  expect(text).toMatch(what);
  await writeFile(path, text.replace(what, by));
}

describe("versionTable", () => {
  it("takes the toolbox's versions and those that the files pin", async () => {
    const toolbox = await clusterVersions();
    await replace("slipway.yaml", /version: "1\.\d+"/, `version: "1.35"`);
    await replace(argocdFile, /ref=v\S+/, `ref=${toolbox.argocd}`);
    expect(await versionTable(repository, "dev")).toEqual([
      { what: "Kubernetes", rehearsed: toolbox.kubernetes, production: "1.35", same: false },
      { what: "Argo CD", rehearsed: toolbox.argocd, production: toolbox.argocd, same: true },
    ]);
  });

  it.each([
    ["v1.35.2+k3s1", "1.35", true],
    ["v1.35.0", "1.35", true],
    ["v1.34.2", "1.35", false],
    ["v1.3.5", "1.35", false],
  ])("compares Kubernetes %s with %s: same is %s", async (rehearsed, production, same) => {
    await replace("slipway.yaml", /version: "1\.\d+"/, `version: "${production}"`);
    const [kubernetes] = await versionTable(repository, "dev", { kubernetes: rehearsed });
    expect(kubernetes).toEqual({ what: "Kubernetes", rehearsed, production, same });
  });

  it("holds this repository to what production pins: the minor of Kubernetes, and Argo CD to the patch", async () => {
    expect(await versionTable(repository, "dev")).toEqual([
      expect.objectContaining({ what: "Kubernetes", same: true }),
      expect.objectContaining({ what: "Argo CD", same: true }),
    ]);
  });

  it("tells patches of Argo CD apart", async () => {
    await replace(argocdFile, /ref=v\S+/, "ref=v3.2.11");
    const table = await versionTable(repository, "dev", { argocd: "v3.2.1" });
    expect(table[1]).toEqual({ what: "Argo CD", rehearsed: "v3.2.1", production: "v3.2.11", same: false });
  });

  it("says which file names no version", async () => {
    await replace(argocdFile, /\?ref=v\S+/, "?ref=main");
    await expect(versionTable(repository, "dev")).rejects.toThrow(`${argocdFile} names no version of Argo CD.`);
    await expect(versionTable(repository, "moon")).rejects.toThrow('Environment "moon" is not in slipway.yaml.');
  });
});
