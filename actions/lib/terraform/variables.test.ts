import { expect, test } from "vitest";
import { parseConfig } from "../config/config.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";
import { registryImages, terraformVariables } from "./variables.ts";

const config = parseConfig(`
project: demo
aws: { account: "123456789012", region: eu-central-1 }
git: { repository: owner/demo }
environments:
  dev:
    cluster: { publicAccessCidrs: [192.0.2.0/24], nodes: { types: [t3.large], min: 1, desired: 2, max: 4 } }
    budget: { monthlyUsd: 90, email: cost@example.com }
  live: { cluster: { publicAccessCidrs: [192.0.2.0/24] }, network: { cidr: 10.1.0.0/16 } }
`);

test("the environment is told everything that slipway.yaml says of it", () => {
  expect(terraformVariables(config, "environment", "dev", ["guests-api"])).toEqual({
    project: "demo",
    account: "123456789012",
    region: "eu-central-1",
    environment: "dev",
    cluster_version: "1.36",
    node_architecture: "amd64",
    node_groups: { default: { types: ["t3.large"], capacity: "on-demand", min: 1, desired: 2, max: 4 } },
    public_access_cidrs: ["192.0.2.0/24"],
    vpc_cidr: "10.0.0.0/16",
    nat: "single",
    budget_monthly_usd: 90,
    budget_email: "cost@example.com",
  });
  expect(terraformVariables(config, "environment", "live", [])).not.toHaveProperty("budget_email");
});

test("the environment is told the cluster's administrators, in one order", () => {
  const [ada, bob] = ["arn:aws:iam::123456789012:user/ada", "arn:aws:iam::123456789012:role/bob"];
  const { dev } = config.environments;
  if (!dev) throw new Error("slipway.yaml has no dev.");
  const withAdmins = { ...config, environments: { dev: { ...dev, cluster: { ...dev.cluster, admins: [ada, bob] } } } };
  expect(terraformVariables(withAdmins, "environment", "dev", [])).toMatchObject({ admins: [bob, ada] });
});

test("the registry is told the images, in one order, and nothing of environments", () => {
  const variables = terraformVariables(config, "registry", "dev", ["b", "a", "b"]);
  expect(variables).toEqual({ project: "demo", account: "123456789012", region: "eu-central-1", images: ["a", "b"] });
});

test("an environment that is not in slipway.yaml is an error", () => {
  expect(() => terraformVariables(config, "environment", "test", [])).toThrow(
    /Allowed: |"test" is not in slipway.yaml/,
  );
});

const release = "gitops/apps/guests/overlays/live/images/kustomization.yaml";

test("an image whose folder is gone keeps its repository while an environment runs it", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, { [release]: "images:\n  - name: guests-old\n    digest: sha256:0\n" });
  expect(await registryImages(repository.path, "HEAD", ["guests-api"])).toEqual(["guests-api", "guests-old"]);
  await commitFiles(repository.path, { [release]: "images: []\n" });
  expect(await registryImages(repository.path, "HEAD", ["guests-api"])).toEqual(["guests-api"]);
});

test("without any release only what can be built has a repository", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, { "README.md": "text" });
  expect(await registryImages(repository.path, "HEAD", ["guests-api"])).toEqual(["guests-api"]);
});

test.each(["images: [", "images: text", "images: [{ newName: x }]"])(
  "a damaged release file is named: %s",
  async (text) => {
    await using repository = await temporaryRepository();
    await commitFiles(repository.path, { [release]: text });
    await expect(registryImages(repository.path, "HEAD", [])).rejects.toThrow(
      `${release} does not list images by name`,
    );
  },
);
