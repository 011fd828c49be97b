import { expect, it } from "vitest";
import type { Kubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import { appAddresses } from "./keep-up.ts";
import { describeWorld } from "./up.ts";

const service = (name: string, hostname: string) => ({
  metadata: { name },
  spec: { type: "LoadBalancer", ports: [{ port: 80 }] },
  status: { loadBalancer: { ingress: [{ hostname, ports: [{ port: 30080 }] }] } },
});
const lists: Record<string, object[]> = {
  applications: [
    { metadata: { name: "demo" }, spec: { destination: { namespace: "demo" } } },
    { metadata: { name: "desk" }, spec: { destination: { namespace: "front" } } },
    { metadata: { name: "batch" }, spec: { destination: { namespace: "batch" } } },
  ],
  deployments: [
    { metadata: { name: "api", namespace: "front", annotations: { "slipway.dev/link-command": "node link.js" } } },
  ],
  "demo/services": [service("web", "10.0.0.1")],
  "front/services": [service("web", "10.0.0.2")],
};
const kubernetes = {
  list: (path: string) =>
    Promise.resolve({ items: Object.entries(lists).find(([end]) => path.endsWith(end))?.[1] ?? [] }),
} as unknown as Kubernetes;

it("lists where each app answers, and how to sign in where that needs a link", async () => {
  const addresses = await appAddresses(kubernetes);
  expect(addresses).toEqual({
    desk: "http://10.0.0.2:30080/",
    "sign in to desk": "./slipway link desk",
    demo: "http://10.0.0.1:30080/",
  });
  const said = describeWorld({ pid: 1, began: "", directory: "", ending: 1, environment: {}, addresses });
  expect(said).toContain("  desk             http://10.0.0.2:30080/\n  sign in to desk  ./slipway link desk\n");
  expect(said).toContain("commit, git pull --rebase, git push");
});
