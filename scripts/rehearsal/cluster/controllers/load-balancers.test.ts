import { describe, expect, test } from "vitest";
import { tagsIn, wantedLoadBalancer } from "./load-balancers.ts";
import { loadBalancerName, targetGroupSettings } from "./network-load-balancer.ts";

const uid = "0f3b5f3e-8a52-4a2f-9d0f-1f2e3d4c5b6a";
const prefix = "service.beta.kubernetes.io/aws-load-balancer-";
const service = (annotations: object = {}, spec: object = {}) => ({
  metadata: { name: "nginx", namespace: "guests", uid, annotations: { [`${prefix}type`]: "nlb", ...annotations } },
  spec: { type: "LoadBalancer", ports: [{ port: 80, nodePort: 30_080 }], ...spec },
});

test("a load balancer's name is made of the Service's uid, as long as AWS allows", () => {
  expect(loadBalancerName(uid)).toBe("a0f3b5f3e8a524a2f9d0f1f2e3d4c5b6");
});

describe("what a Service asks for", () => {
  test("its ports that nodes serve, and its tags", () => {
    const wanted = wantedLoadBalancer(
      service(
        { [`${prefix}additional-resource-tags`]: "a=1,b" },
        { ports: [{ port: 80, nodePort: 30_080 }, { port: 81 }] },
      ),
    );
    expect(wanted).toEqual({
      name: loadBalancerName(uid),
      service: "guests/nginx",
      ports: [{ port: 80, nodePort: 30_080 }],
      healthCheckNodePort: undefined,
      crossZone: false,
      tags: { a: "1", b: "" },
      sslPolicy: undefined,
    });
  });

  test.each<[string | undefined, number[]]>([
    [undefined, [80, 443]],
    ["*", [80, 443]],
    ["443", [443]],
    ["https", [443]],
    ["http, 443", [80, 443]],
    ["8443", []],
  ])("TLS ends at ssl-ports %j", (text, secure) => {
    const ports = [
      { name: "https", port: 443, nodePort: 30_081 },
      { name: "http", port: 80, nodePort: 30_080 },
    ];
    const tls = { [`${prefix}ssl-cert`]: "arn:aws:acm:x", ...(text && { [`${prefix}ssl-ports`]: text }) };
    const found = wantedLoadBalancer(service(tls, { ports })).ports.filter(
      ({ certificate }) => certificate === "arn:aws:acm:x",
    );
    expect(found.map(({ port }) => port).sort((a, b) => a - b)).toEqual(secure);
  });

  test.each([
    ["another type", service({ [`${prefix}type`]: undefined }), "only where service.beta"],
    ["an internal one", service({ [`${prefix}internal`]: "true" }), "has no internal load balancers"],
    ["UDP", service({}, { ports: [{ port: 53, protocol: "UDP" }] }), "port 53 is UDP"],
  ])("%s is refused", (_, asked, message) => {
    expect(() => wantedLoadBalancer(asked)).toThrow(message);
  });

  test("what is not internal says so", () => {
    expect(wantedLoadBalancer(service({ [`${prefix}internal`]: "false" })).ports).toHaveLength(1);
  });
});

test("tags are read as the annotation has them", () => {
  expect(tagsIn(" one=1, two=,three,=4,")).toEqual({ one: "1", two: "", three: "" });
  expect(tagsIn("")).toEqual({});
});

describe("a target group", () => {
  const settings = (cluster = "slipway-dev", nodePort = 30_080, healthCheckNodePort?: number) =>
    targetGroupSettings(cluster, { service: "guests-long-name/nginx", healthCheckNodePort }, { port: 80, nodePort });

  test("is named after its Service and all that cannot be changed", () => {
    expect(settings().Name).toMatch(/^k8s-guestslo-nginx-[0-9a-f]{10}$/);
    const names = [
      settings(),
      settings("other"),
      settings("slipway-dev", 30_081),
      settings("slipway-dev", 30_080, 30_090),
    ];
    expect(new Set(names.map(({ Name }) => Name)).size).toBe(4);
  });

  test("asks a node whether it has pods, where only such nodes get traffic", () => {
    expect(settings()).toMatchObject({ Port: 30_080, HealthCheckProtocol: "TCP", HealthCheckPort: "traffic-port" });
    expect(settings("slipway-dev", 30_080, 30_090)).toMatchObject({
      HealthCheckProtocol: "HTTP",
      HealthCheckPort: "30090",
      HealthCheckPath: "/healthz",
    });
  });
});
