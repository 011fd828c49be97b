import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { messageOf } from "../core/errors.ts";
import { discoverImages } from "../images/image.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";
import { appNameProblem, sameNames } from "./app-name.ts";

it.each([
  "slipway",
  "apps",
  "default",
  "argocd",
  "root",
  "platform",
  "kube-system",
  "kube-public",
  "kube-x",
  "amazon-cloudwatch",
  "aws-observability",
  "monitoring",
  "external-secrets",
])("%s is reserved", (name) => {
  expect(appNameProblem(name)).toMatch(
    new RegExp(`^: the name "${name}" is reserved, since .*\\. Rename the folder\\.$`),
  );
});

it.each(["guests", "billboards", "slipway-demo", "my-slipway", "kubernetes", "kube", "app", "argocd-demo", "a"])(
  "%s is a name",
  (name) => {
    expect(appNameProblem(name)).toBeUndefined();
  },
);

it.each(["Visits", "-a", "a-", "a--b", "1a", "a_b", "a.b", "", "a b", "ä", "..", "a/b"])("%j is not a name", (name) => {
  expect(appNameProblem(name)).toContain("is not a name for an app");
});

it("is at most as long as a namespace's name and a label's value", () => {
  expect(appNameProblem("a".repeat(63))).toBeUndefined();
  expect(appNameProblem("a".repeat(64))).toContain("has 64 characters. Use at most 63.");
});

it("two apps may not meet in the name of an app in an environment", () => {
  const at = (app: string, environment: string) => ({ app, environment });
  expect(sameNames([at("a-b", "c"), at("a", "b-c"), at("a", "c")])).toEqual([
    "gitops/apps/a-b/overlays/c and gitops/apps/a/overlays/b-c are both a-b-c. Rename one of them.",
  ]);
  expect(sameNames([at("a-b", "c"), at("a-b", "d"), at("a", "b-d-c")])).toEqual([]);
});

const image = (folder: string) => ({
  [`${folder}/Dockerfile`]: "FROM scratch\n",
  [`${folder}/Dockerfile.dockerignore`]: `*\n!${folder}\n`,
});
const released = (app: string, environment = "dev") => ({
  [`gitops/apps/${app}/overlays/${environment}/images/kustomization.yaml`]: "images: []\n",
});

/** What a plan says of these files; nothing when it takes them. */
async function refusal(files: Record<string, string>): Promise<string[]> {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, files);
  return await discoverImages(repository.path).then(
    () => [],
    (error: unknown) => messageOf(error).split("\n"),
  );
}

it("is looked at wherever an app is found: by its images, or by its manifests alone", async () => {
  expect(await refusal({ ...image("apps/guests/api"), ...released("guests"), "gitops/apps/README.md": "" })).toEqual(
    [],
  );
  expect(await refusal(image("apps/slipway/api"))).toEqual([expect.stringMatching(/^apps\/slipway: .* is reserved/)]);
  expect(await refusal({ ...image("apps/guests/api"), ...released("kube-system"), ...released("Visits") })).toEqual([
    expect.stringMatching(/^gitops\/apps\/Visits: "Visits" is not a name for an app/),
    expect.stringMatching(/^gitops\/apps\/kube-system: .* is reserved/),
  ]);
  expect(await refusal(released("argocd")), "without any image").toHaveLength(1);
  expect(await refusal({ ...released("a-b", "c"), ...released("a", "b-c") })).toEqual([
    expect.stringMatching(/are both a-b-c/),
  ]);
});

it("cannot be had by a link", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, { ...image("apps/guests/api"), ...released("guests") });
  await symlink("guests", join(repository.path, "gitops/apps/other"));
  await commitFiles(repository.path, {});
  await expect(discoverImages(repository.path)).rejects.toThrow(/^gitops\/apps\/other is a symbolic link/);
});
