import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { argocdRepository } from "../../../../scripts/rehearsal/cluster/argocd/repository.ts";
import { startGitServer } from "../../../../scripts/rehearsal/github/git-server.ts";
import { git } from "../../../lib/git/git.ts";
import { renderImagesFile } from "../../../lib/gitops/images-file.ts";
import { run } from "../../../lib/core/process.ts";
import { commitFiles } from "../../repository.ts";
import { pinned } from "../../argocd/objects.ts";

const source = join(import.meta.dirname, "../../../../gitops");
/** Of the project's own folder `gitops`: all but the apps. */
const parts = ["bootstrap", "projects", "applicationsets", "platform"];
const tokens = { person: "a-person-of-the-fixture", bot: "a-workflow-of-the-fixture" };
const app = "gitops/apps/guests";

/** A repository that Argo CD follows, with a small app "guests". */
export interface RepositoryFixture extends AsyncDisposable {
  /** A checkout of it. */
  readonly path: string;
  /** Commits files of the app's folder `base` and pushes them; those that are given are its resources, in addition to its own. */
  push(files: Readonly<Record<string, object>>): Promise<string>;
}

/**
 * The app's own objects: what a load balancer, a volume and a budget hang on, in as few waves as that takes.
 * `maxUnavailable: 0` lets no pod be evicted.
 */
const own: Readonly<Record<string, readonly object[]>> = {
  "web.yaml": [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "guests-nginx",
        annotations: {
          "service.beta.kubernetes.io/aws-load-balancer-type": "nlb",
          "service.beta.kubernetes.io/aws-load-balancer-cross-zone-load-balancing-enabled": "true",
        },
      },
      spec: {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        selector: { app: "guests-nginx" },
        ports: [{ name: "http", port: 80 }],
      },
    },
    workload("Deployment", "guests-nginx", {}),
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "guests-nginx" },
      spec: { maxUnavailable: 0, selector: { matchLabels: { app: "guests-nginx" } } },
    },
  ],
  "database.yaml": [
    workload("StatefulSet", "guests-database", {
      serviceName: "guests-database",
      volumeClaimTemplates: [
        {
          // What Kubernetes fills in: without it, Argo CD sees a difference for ever.
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name: "data" },
          spec: {
            volumeMode: "Filesystem",
            accessModes: ["ReadWriteOnce"],
            storageClassName: "gp3",
            resources: { requests: { storage: "1Gi" } },
          },
        },
      ],
    }),
  ],
};

function workload(kind: string, name: string, more: object): object {
  const template = { metadata: { labels: { app: name } }, spec: podSpec("guests-web") };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, template, ...more },
  };
}

/** What a namespace that enforces `restricted` lets in. */
export function podSpec(image: string): object {
  return {
    securityContext: { runAsNonRoot: true, runAsUser: 101, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      { name: "api", image, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } },
    ],
  };
}

/**
 * Makes the repository and serves it: the project's own bootstrap, projects, ApplicationSet and platform, and the app in
 * place of its own ones. Argo CD's manifests are rendered once.
 *
 * @param folder where all of it is made
 */
export async function startRepositoryFixture(folder: string): Promise<RepositoryFixture> {
  await using undo = new AsyncDisposableStack();
  const server = undo.use(
    await startGitServer({ folder, repository: "demo/platform", branch: "main", tokens, onPush: async () => {} }),
  );
  const path = join(folder, "checkout");
  for (const part of parts) await cp(join(source, part), join(path, "gitops", part), { recursive: true });
  await renderArgocd(folder, join(path, "gitops/bootstrap/argocd"));
  const settings = join(path, "gitops/bootstrap/settings/repository.yaml");
  await writeFile(settings, (await readFile(settings, "utf8")).replace(/url: .*/, `url: ${server.url}`));
  await git(path, ["init", "--quiet", "--initial-branch=main"]);
  const push = async (files: Readonly<Record<string, object>>) => {
    await rm(join(path, app), { recursive: true, force: true });
    const commit = await commitFiles(path, await appFiles(files));
    await git(path, ["push", "--quiet", server.url.replace("//", `//person:${tokens.person}@`), "main"]);
    return commit;
  };
  await push({});
  const release = undo.move();
  return { path, push, [Symbol.asyncDispose]: () => release.disposeAsync() };
}

async function renderArgocd(folder: string, target: string): Promise<void> {
  const env = { ...process.env, ...(await argocdRepository(join(folder, "argocd"))) };
  const { stdout } = await run("kubectl", ["kustomize", target], { env, timeout: 120_000 });
  await writeFile(join(target, "all.yaml"), stdout);
  await writeFile(join(target, "kustomization.yaml"), kustomization({ resources: ["all.yaml"] }));
}

async function appFiles(more: Readonly<Record<string, object>>): Promise<Record<string, string>> {
  const images = [pinned("guests-web", "1")];
  const texts = ["namespace.yaml", "account.yaml"].map((file) => readFile(join(source, "kit/namespace", file), "utf8"));
  const namespace = (await Promise.all(texts)).join("---\n").replaceAll("name: APP", "name: guests");
  const files = { ...own, ...more };
  const resources = ["namespace.yaml", ...Object.keys(files)];
  const labels = [{ includeSelectors: false, pairs: { "slipway.dev/environment": "dev" } }];
  return {
    [`${app}/base/namespace.yaml`]: namespace,
    ...Object.fromEntries(Object.entries(files).map(([name, objects]) => [`${app}/base/${name}`, yaml(objects)])),
    [`${app}/base/kustomization.yaml`]: kustomization({ namespace: "guests", resources }),
    [`${app}/overlays/dev/kustomization.yaml`]: kustomization({
      labels,
      resources: ["../../base"],
      components: ["images"],
    }),
    [`${app}/overlays/dev/images/kustomization.yaml`]: renderImagesFile({ source: "0".repeat(40), images }),
  };
}

/** JSON is YAML. */
const yaml = (objects: object) =>
  [objects]
    .flat()
    .map((each) => `${JSON.stringify(each, null, 2)}\n`)
    .join("---\n");
const kustomization = (content: object) =>
  yaml({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", ...content });
