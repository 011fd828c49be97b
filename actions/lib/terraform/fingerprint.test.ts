import { expect, test } from "vitest";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";
import { bootstrapTree, fingerprint } from "./fingerprint.ts";

const files = {
  "terraform/modules/network/tests/policy.json": "one",
  "terraform/environment/a.auto.tfvars": "one",
  "terraform/environment/main.tf": "one",
  "terraform/environment/README.md": "text",
  "terraform/modules/network/main.tf": "one",
  "terraform/registry/main.tf": "one",
  "README.md": "text",
};
const of = (repository: string, variables = {}, root: "environment" | "registry" = "environment") =>
  fingerprint({ repository, revision: "HEAD", root, variables });

test("changes with what Terraform reads, and with nothing else", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, files);
  const before = await of(repository.path, { a: 1, b: 2 });
  expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await of(repository.path, { b: 2, a: 1 }), "the order of variables").toBe(before);
  expect(await of(repository.path, { a: 1, b: 3 }), "a variable").not.toBe(before);

  await commitFiles(repository.path, {
    "README.md": "new",
    "terraform/environment/README.md": "new",
    "terraform/registry/main.tf": "new",
    "terraform/modules/network/network.tftest.hcl": "new",
    "terraform/environment/environment.real.test.ts": "new",
  });
  expect(await of(repository.path, { a: 1, b: 2 }), "files that this root's apply does not read").toBe(before);

  const read = [
    "modules/network/main.tf",
    "environment/main.tf",
    "modules/network/tests/policy.json",
    "environment/a.auto.tfvars",
  ];
  for (const path of read.map((name) => `terraform/${name}`)) {
    await commitFiles(repository.path, { [path]: "new" });
    expect(await of(repository.path, { a: 1, b: 2 }), path).not.toBe(before);
    await commitFiles(repository.path, { [path]: "one" });
    expect(await of(repository.path, { a: 1, b: 2 }), `${path} as it was`).toBe(before);
  }
});

test("a root that the commit does not have is an error, whatever the working tree holds", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, { "terraform/modules/a/main.tf": "one" });
  await expect(of(repository.path)).rejects.toThrow("terraform/environment/ is not in HEAD");
});

test("what Argo CD is installed from is known by its content, whatever else the commit changes", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, files);
  await expect(bootstrapTree(repository.path, "HEAD")).rejects.toThrow("gitops/bootstrap/ is not in HEAD");
  const bootstrap = { "gitops/bootstrap/argocd/kustomization.yaml": "one" };
  await commitFiles(repository.path, bootstrap);
  const before = await bootstrapTree(repository.path, "HEAD");
  expect(before).toMatch(/^[0-9a-f]{40}$/);
  await commitFiles(repository.path, { "gitops/projects/apps.yaml": "new", "README.md": "new" });
  expect(await bootstrapTree(repository.path, "HEAD")).toBe(before);
  await commitFiles(repository.path, { "gitops/bootstrap/argocd/kustomization.yaml": "two" });
  expect(await bootstrapTree(repository.path, "HEAD")).not.toBe(before);
});
