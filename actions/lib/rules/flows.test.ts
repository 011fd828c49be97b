import { expect, test } from "vitest";
import { neededFlows, openFlows } from "./flows.ts";
import type { ManifestContainer, Manifest, Peer } from "./manifest.ts";

/** A Deployment `name` whose pods carry `app: name`, with these fields of its container. */
function workload(name: string, container: Partial<ManifestContainer> = {}): Manifest {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name, ...container }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: { template } };
}

/** A NetworkPolicy for the pods of `name`; each way in or out is a peer and a port. */
function policy(
  name: string,
  ingress: [Peer[] | undefined, number][],
  egress: [Peer[] | undefined, number][],
): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name },
    spec: {
      podSelector: { matchLabels: { app: name } },
      ingress: ingress.map(([from, port]) => ({ ...(from && { from }), ports: [{ port }] })),
      egress: egress.map(([to, port]) => ({ ...(to && { to }), ports: [{ port }] })),
    },
  };
}

const pods = (app: string): Peer[] => [{ podSelector: { matchLabels: { app } } }];

test("a way is open where both ends allow it, on the same port", () => {
  const two = [workload("web"), workload("api")];
  const open = (...policies: Manifest[]) => openFlows([...two, ...policies]);
  expect(open(policy("web", [], [[pods("api"), 80]]), policy("api", [[pods("web"), 80]], []))).toEqual([
    "web -> api:80",
  ]);
  expect(open(policy("web", [], [[pods("api"), 80]]))).toEqual([]);
  expect(open(policy("api", [[pods("web"), 80]], []))).toEqual([]);
  expect(open(policy("web", [], [[pods("api"), 81]]), policy("api", [[pods("web"), 80]], []))).toEqual([]);
});

test("who names nobody lets everybody in, also from outside", () => {
  const manifests = [workload("web"), workload("api"), policy("api", [[undefined, 80]], [])];
  expect(openFlows(manifests)).toEqual(["anywhere -> api:80"]);
  expect(openFlows([...manifests, policy("web", [], [[undefined, 80]])])).toEqual([
    "anywhere -> api:80",
    "web -> anywhere:80",
    "web -> api:80",
  ]);
});

test("pods of another namespace are named by it, and are not our own", () => {
  const other: Peer[] = [
    { namespaceSelector: { matchLabels: { name: "demo" } }, podSelector: { matchLabels: { app: "api" } } },
  ];
  expect(
    openFlows([
      workload("web"),
      workload("api"),
      policy("web", [], [[other, 80]]),
      policy("api", [[undefined, 80]], []),
    ]),
  ).toEqual(["anywhere -> api:80", "web -> demo/api:80"]);
});

test("what is not understood is not read as less than it is", () => {
  const selector = { matchExpressions: [{ key: "app", operator: "NotIn", values: ["api"] }] };
  expect(() => openFlows([workload("web"), policy("web", [[[{ podSelector: selector }], 80]], [])])).toThrow("NotIn");
  expect(() => openFlows([workload("web"), policy("web", [[[{ ipBlock: {} }], 80]], [])])).toThrow("ipBlock");
});

test("a workload needs the Services that its variables name, by the ports of the pods behind them", () => {
  const service = (name: string, ports: { port: number; targetPort: string | number }[]): Manifest => {
    return { apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: { app: name }, ports } };
  };
  const api = service("api", [
    { port: 80, targetPort: "http" },
    { port: 9090, targetPort: 9090 },
  ]);
  const map: Manifest = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "web" },
    data: { DATABASE_HOST: "db" },
  };
  const env = [
    { name: "API_URL", value: "http://api/v1" },
    { name: "PAGE_URL", value: "https://example.com" },
    { name: "NAME", value: "db" },
  ];
  const web = workload("web", { env, envFrom: [{ configMapRef: { name: "web" } }] });
  const manifests = [
    web,
    workload("api", { ports: [{ name: "http", containerPort: 8000 }] }),
    workload("db"),
    api,
    service("db", [{ port: 5432, targetPort: 5432 }]),
    map,
  ];
  expect(neededFlows(manifests)).toEqual(["web -> api:8000", "web -> db:5432"]);
});
