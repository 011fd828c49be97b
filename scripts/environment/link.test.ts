import { describe, expect, it } from "vitest";
import type { Kubectl } from "../../actions/lib/kubernetes/kubectl.ts";
import type { Kubernetes } from "../../actions/lib/kubernetes/kubernetes.ts";
import { chooseLinkMaker, findLinkMakers, type LinkMaker, makeLink } from "./link.ts";

const annotated = (namespace: string, name: string, command?: string) => ({
  metadata: { namespace, name, ...(command && { annotations: { "slipway.dev/link-command": command } }) },
});
const lists: Record<string, object[]> = {
  "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications": [
    { metadata: { name: "desk" }, spec: { destination: { namespace: "front" } } },
  ],
  "/apis/apps/v1/deployments": [annotated("front", "api", "node  dist/link.js"), annotated("demo", "web")],
  "/api/v1/namespaces/front/services": [
    { metadata: { namespace: "front", name: "inner" }, spec: { type: "ClusterIP", ports: [{ port: 80 }] } },
    {
      metadata: { namespace: "front", name: "web" },
      spec: { type: "LoadBalancer", ports: [{ port: 8080 }] },
      status: { loadBalancer: { ingress: [{ hostname: "lb.example" }] } },
    },
  ],
};
const kubernetes = { list: (path: string) => Promise.resolve({ items: lists[path] ?? [] }) } as unknown as Kubernetes;
const printing = (text: string, calls: unknown[] = []) =>
  ({
    exec: (...call: unknown[]) => {
      calls.push(call);
      return Promise.resolve(text);
    },
  }) as unknown as Kubectl;
const maker: LinkMaker = { app: "desk", namespace: "front", deployment: "api", command: ["node", "dist/link.js"] };

it("finds who makes links by the annotation, and names the app by its Application", async () => {
  expect(await findLinkMakers(kubernetes)).toEqual([maker]);
});

describe("chooseLinkMaker", () => {
  const other = { ...maker, app: "other" };
  it("takes the only one, or the one that is named", () => {
    expect(chooseLinkMaker([maker], undefined)).toBe(maker);
    expect(chooseLinkMaker([maker, other], "other")).toBe(other);
  });
  it.each([
    [[], undefined, /^No app makes/, /annotation slipway.dev\/link-command/],
    [[maker, other], undefined, /^More than one app/, /desk, other/],
    [[maker], "demo", /"demo" is not an app that makes/, /desk/],
  ])("says what may be chosen", (makers, app, message, next) => {
    let error: unknown;
    try {
      chooseLinkMaker(makers, app);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      message: expect.stringMatching(message) as string,
      next: expect.stringMatching(next) as string,
    });
  });
});

describe("makeLink", () => {
  it("runs the command in the Deployment and puts its path behind the app's address", async () => {
    const calls: unknown[] = [];
    expect(await makeLink(kubernetes, printing("/in?token=x-1\n", calls), maker)).toBe(
      "http://lb.example:8080/in?token=x-1",
    );
    expect(calls).toEqual([["front", "deployment/api", ["node", "dist/link.js"]]]);
  });
  it("takes a whole address as it is", async () => {
    expect(await makeLink(kubernetes, printing("https://desk.example/in?t=1"), maker)).toBe(
      "https://desk.example/in?t=1",
    );
  });
  it.each(["", "usage: link", "//elsewhere/in", "javascript:alert(1)"])("refuses %j", async (said) => {
    await expect(makeLink(kubernetes, printing(said), maker)).rejects.toThrow(/printed no path or address/);
  });
  it("says when the app has no address yet", async () => {
    await expect(makeLink(kubernetes, printing("/in"), { ...maker, namespace: "demo" })).rejects.toThrow(
      /desk has no public address yet/,
    );
  });
});
