import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { overlayPaths } from "../../actions/lib/gitops/paths.ts";
import { filesOf, pinImages } from "../released.ts";

/** The files of an app, by their path in its folder. */
export type AppFiles = Map<string, string>;

/** The name of the apps here. */
export const app = "notes";

/** The images of the README's app. */
export const exampleImages = ["api", "database", "page"].map((component) => `${app}-${component}`);

/** The app that the README shows: all of its files that are not the machine's. */
export async function exampleApp(): Promise<AppFiles> {
  const readme = await readFile(join(import.meta.dirname, "README.md"), "utf8");
  const blocks = readme.matchAll(/^```yaml\n# (\S+\.yaml)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, path = "", text = ""]) => [path, text]));
}

/** The folder `gitops` with this app alone. @param released those of its images that are released */
export async function whole(files: AppFiles, released: readonly string[] = []): Promise<AppFiles> {
  const own = [...files].map(([path, text]) => [`gitops/apps/${app}/${path}`, text] as const);
  return new Map([...(await filesOf(app)), ...own, [overlayPaths(app, "dev").images, pinImages(released)]]);
}

/** The images of the larger app. */
export const largeImages = ["users", "products", "orders", "board", "cache", "database", "page"].map(
  (component) => `${app}-${component}`,
);

const services = ["users", "products", "orders"];

const base = `
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: notes
labels:
  - includeTemplates: true
    pairs: { app.kubernetes.io/part-of: notes }
resources: [namespace.yaml, users, products, orders, board, page, tidy]
components:
  - ../../../kit/namespace
  - ../../../kit/secret
  - ../../../kit/database
  - ../../../kit/cache
  - ../../../kit/backup
patches:
  - target: { kind: Job, name: notes-secret }
    patch: |
      - { op: replace, path: /spec/template/spec/containers/0/image, value: notes-users }
  - target: { kind: ResourceQuota }
    patch: |
      - { op: replace, path: /spec/hard/pods, value: "60" }
      - { op: replace, path: /spec/hard/requests.cpu, value: "5" }
      - { op: replace, path: /spec/hard/requests.memory, value: 5Gi }
      - { op: replace, path: /spec/hard/limits.memory, value: 14Gi }
  - target: { kind: NetworkPolicy, name: notes-database }
    patch: |
${["users", "products", "orders", "users-migration", "products-migration", "orders-migration", "tidy"]
  .map(
    (name) =>
      `      - { op: add, path: /spec/ingress/0/from/0/podSelector/matchExpressions/0/values/-, value: notes-${name} }\n`,
  )
  .join("")}
  - target: { kind: NetworkPolicy, name: notes-cache }
    patch: |
      - op: replace
        path: /spec/ingress/0/from/0/podSelector/matchLabels/app.kubernetes.io~1name
        value: notes-orders
`;

const folder = (file: string, component: string) => `
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [${file}]
components: [../../../../kit/${component}]
`;

/** A page that the gateway leads to, on a port of its own. */
const board = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: notes-board }
spec:
  replicas: 3
  template:
    spec:
      securityContext: { runAsUser: 101, runAsGroup: 101 }
      containers:
        - name: board
          image: notes-board
          ports: [{ name: http, containerPort: 3000 }]
          readinessProbe: { httpGet: { path: /, port: http } }
          resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 128Mi } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: notes-board }
spec:
  ingress:
    - from: [{ podSelector: { matchLabels: { app.kubernetes.io/name: notes-page } } }]
      ports: [{ port: 3000, protocol: TCP }]
`;

const tidy = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: notes-tidy }
spec:
  schedule: "7 4 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: tidy
              image: notes-orders
              args: [dist/tidy.js]
              envFrom: [{ configMapRef: { name: notes-database } }]
              resources: { requests: { cpu: 50m, memory: 64Mi }, limits: { memory: 128Mi } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: notes-tidy }
spec:
  egress:
    - to: [{ podSelector: { matchLabels: { app.kubernetes.io/name: notes-database } } }]
      ports: [{ port: 5432, protocol: TCP }]
`;

const toCache = `
    - to: [{ podSelector: { matchLabels: { app.kubernetes.io/name: notes-cache } } }]
      ports: [{ port: 6379, protocol: TCP }]
`;

/**
 * A larger app than any that there is: three services over one database, a page behind the gateway, and every optional
 * component.
 *
 * @param example the README's app, by path
 */
export function largeApp(example: AppFiles): AppFiles {
  const of = (path: string) => example.get(path) ?? "";
  const files = new Map([
    ["base/kustomization.yaml", base],
    ["base/namespace.yaml", of("base/namespace.yaml")],
    ["base/page/kustomization.yaml", of("base/page/kustomization.yaml")],
    [
      "base/page/page.yaml",
      of("base/page/page.yaml").replace("notes-api", "notes-board").replace("port: 8000", "port: 3000"),
    ],
    ["base/board/kustomization.yaml", folder("board.yaml", "web")],
    ["base/board/board.yaml", board],
    ["base/tidy/kustomization.yaml", folder("tidy.yaml", "cronjob")],
    ["base/tidy/tidy.yaml", tidy],
    ["overlays/dev/kustomization.yaml", of("overlays/dev/kustomization.yaml").replaceAll("notes-api", "notes-orders")],
  ]);
  for (const service of services) {
    const renamed = (path: string) => of(path).replaceAll("notes-api", `notes-${service}`);
    files.set(`base/${service}/kustomization.yaml`, renamed("base/api/kustomization.yaml"));
    files.set(
      `base/${service}/api.yaml`,
      renamed("base/api/api.yaml") + (service === "orders" ? toCache.slice(1) : ""),
    );
  }
  return files;
}
