import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { ensureKustomize, type Render } from "../../../scripts/rehearsal/tools/kustomize.ts";
import { parseConfig } from "../config/config.ts";
import { planDelivery } from "../../plan/plan.ts";
import { commitFiles, temporaryRepository } from "../../testing/repository.ts";
import { checkRevision } from "./check.ts";
import { renderEnvironment } from "./render.ts";
import { digest, platform, sound } from "../../testing/rules/manifests.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let render: Render;
beforeAll(async () => {
  folder = await temporaryFolder("rules");
  render = await ensureKustomize(join(folder.path, "kustomize.log"));
});
afterAll(() => folder[Symbol.asyncDispose]());

const project = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "AppProject",
  spec: { clusterResourceWhitelist: platform.clusterKinds, namespaceResourceWhitelist: platform.kinds },
};
const classes = platform.classes.map(({ name, isDefault }) => ({
  kind: "StorageClass",
  metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) } },
}));

const documents = (values: readonly unknown[]) => values.map((value) => `---\n${stringify(value)}`).join("");

/** The files of an app that has one overlay; its kustomization as given. */
function app(name: string, text: string, kustomization = "", environment = "dev"): Record<string, string> {
  const overlay = `gitops/apps/${name}/overlays/${environment}`;
  const component = `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: []\n`;
  return {
    "gitops/projects/apps.yaml": stringify(project),
    "gitops/platform/classes.yaml": documents(classes),
    [`gitops/apps/${name}/base/kustomization.yaml`]: "resources: [all.yaml]\n",
    [`gitops/apps/${name}/base/all.yaml`]: text,
    [`${overlay}/kustomization.yaml`]: `${kustomization}\nresources: [../../base]\ncomponents: [images]\n`,
    [`${overlay}/images/kustomization.yaml`]: component,
    [`apps/${name}/api/Dockerfile`]: "FROM scratch\n",
    [`apps/${name}/api/Dockerfile.dockerignore`]: "*\n",
  };
}

/** What many a tutorial has. */
const naive = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  replicas: 2
  selector: { matchLabels: { app: api } }
  template:
    metadata: { labels: { app: api } }
    spec:
      containers:
        - { name: api, image: "nginx:latest", ports: [{ containerPort: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: api }
spec: { type: LoadBalancer, selector: { app: api }, ports: [{ port: 80 }] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: api }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }
`;

const demo = documents(sound());

async function check(files: Record<string, string>, environment = "dev") {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, files);
  const images = [{ name: "demo-api", app: "demo" }];
  return await checkRevision({ repository: repository.path, revision: "HEAD", environment, images, render });
}

test("a push of naive manifests is refused by the plan, with every fault of every app", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, {
    ...app("stall", naive),
    ...app("demo", demo.replace("restricted", "baseline")),
  });
  const config = parseConfig(`
project: stall
aws: { account: "000000000000", region: us-east-1 }
git: { repository: stall/platform }
environments: { dev: { cluster: { publicAccessCidrs: [0.0.0.0/0] } } }
`);
  const credentials = () => Promise.reject(new Error("AWS was asked."));
  const question = { repository: repository.path, revision: "HEAD", config, environment: "dev", credentials, render };
  const error = (await planDelivery(question).catch((each: unknown) => each)) as Error;
  expect(error).toMatchObject({ reason: "rules-broken" });
  for (const line of [
    "gitops/apps/demo (dev) has 1 fault:\n  Namespace/demo: does not enforce the restricted profile [restricted-profile]",
    "gitops/apps/stall (dev) has ",
    "\n  no Namespace that enforces the restricted profile [restricted-profile]",
    "\n  no NetworkPolicy denies everything that is not named [deny-all]",
    "\n  no ResourceQuota [quota]",
    "\n  Service/api: no annotation service.beta.kubernetes.io/aws-load-balancer-type: nlb, so EKS makes no network load balancer [load-balancer]",
    '\n  ClusterRoleBinding/api: the AppProject "apps" allows no ClusterRoleBinding of rbac.authorization.k8s.io/v1 [kind]',
    "\n  Deployment/api: no namespace [own-namespace]",
    "\n  Deployment/api: container api: image nginx:latest is neither a component nor named by digest [image]",
    "\n  Deployment/api: may run as root [non-root]",
  ])
    expect(error.message).toContain(line);
});

test("sound apps pass, and what is not an app of the environment stops nobody", async () => {
  expect(await check({ ...app("demo", demo), ...app("stall", naive, "", "prod") })).toEqual([]);
  expect(await check({ ...app("demo", demo), "gitops/apps/half/base/all.yaml": naive })).toEqual([]);
  expect(await check(app("stall", naive), "prod")).toEqual([]);
  expect(await check({ "README.md": "Nothing yet." })).toEqual([]);
  await expect(check(app("stall", naive, "", "prod"), "prod")).rejects.toMatchObject({ reason: "rules-broken" });
});

test("an exception excuses one rule for its reason, and is told; one that is not needed is told, too", async () => {
  const careless = demo.replace(`registry.example/demo-api@${digest}`, "nginx:1.28");
  const allow = (...lines: string[]) => `metadata:\n  annotations:\n${lines.map((line) => `    ${line}\n`).join("")}`;
  await expect(check(app("demo", careless))).rejects.toThrow(/has 1 fault:\n {2}.*\[image\]/);
  const excused = app("demo", careless, allow("slipway.dev/allow.image: From upstream, until ours is built."));
  expect(await check(excused)).toEqual([
    { app: "demo", rule: "image", reason: "From upstream, until ours is built.", faults: 1 },
  ]);
  expect(await check(app("demo", demo, allow("slipway.dev/allow.node-port: Tried out.")))).toMatchObject([
    { rule: "node-port", faults: 0 },
  ]);
  const unknown = app("demo", demo, allow("slipway.dev/allow.nodeport: Tried out."));
  await expect(check(unknown)).rejects.toThrow(
    "gitops/apps/demo/overlays/dev/kustomization.yaml: slipway.dev/allow.nodeport: there is no such rule",
  );
  await expect(check(app("demo", demo, allow('slipway.dev/allow.image: ""')))).rejects.toThrow("has no reason");
  // On an object it is only an annotation of that object.
  const onObject = careless.replace("annotations:", "annotations:\n    slipway.dev/allow.image: Tried out.");
  await expect(check(app("demo", onObject))).rejects.toThrow("[image]");
});

test("an overlay that does not render is an error with the app's name, along with the faults of others", async () => {
  const files = { ...app("stall", naive), ...app("demo", "kind: [") };
  await expect(check(files)).rejects.toThrow(
    /gitops\/apps\/demo \(dev\): .*\n[^]*gitops\/apps\/stall \(dev\) has \d+ faults:/,
  );
  const helm = app("demo", demo, "helmCharts: [{ name: stall, repo: 'https://example.com' }]");
  await expect(check(helm)).rejects.toThrow(/gitops\/apps\/demo \(dev\): .*must specify --enable-helm/s);
  const remote = app("demo", demo, "patches: [{ path: 'https://example.com/patch.yaml' }]");
  await expect(check(remote)).rejects.toThrow(
    /gitops\/apps\/demo \(dev\): .*"https:\/\/example.com\/patch.yaml" is not a file/,
  );
});

test("no plugin runs, and no file above the overlay is read", async () => {
  const plugin = `apiVersion: example.com/v1\nkind: Run\nmetadata:\n  name: run\n  annotations:\n    config.kubernetes.io/function: |\n      exec: { path: ./run.sh }\n`;
  const overlay = "gitops/apps/demo/overlays/dev";
  const exec = {
    ...app("demo", demo, "generators: [run.yaml]"),
    [`${overlay}/run.yaml`]: plugin,
    [`${overlay}/run.sh`]: "#!/bin/sh\n",
  };
  await expect(check(exec)).rejects.toThrow(/gitops\/apps\/demo \(dev\): .*plugin/s);
  const above = app("demo", demo, "configMapGenerator: [{ name: a, files: [../../base/all.yaml] }]");
  await expect(check(above)).rejects.toThrow(/gitops\/apps\/demo \(dev\): .*security/s);
});

test("what the check of the entries would miss is fetched from nowhere", async () => {
  await using repository = await temporaryRepository();
  await commitFiles(repository.path, { "kustomization.yaml": "resources: [all.yaml]\n", "all.yaml": demo });
  const remote = join(folder.path, "remote");
  await mkdir(remote);
  await writeFile(join(remote, "kustomization.yaml"), `resources: ["git::file://${repository.path}?ref=main"]\n`);
  expect(await render(remote)).toContain("demo-api");
  await expect(render(remote, renderEnvironment())).rejects.toThrow(/transport 'file' not allowed/);
});
