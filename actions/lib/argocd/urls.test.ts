import { expect, it } from "vitest";
import { publicUrl, type PublicService } from "./urls.ts";

type Ingress = NonNullable<NonNullable<NonNullable<PublicService["status"]>["loadBalancer"]>["ingress"]>[number];

const service = (ingress: Ingress | undefined, port = 80, type = "LoadBalancer"): PublicService => ({
  metadata: { name: "guests-nginx" },
  spec: { type, ports: [{ port }, { port: 9000 }] },
  status: { loadBalancer: ingress ? { ingress: [ingress] } : {} },
});

const own = { "external-dns.alpha.kubernetes.io/hostname": "guests.example.com" };

it.each<[string, PublicService, string | undefined]>([
  ["a host", service({ hostname: "guests.elb.example.org" }), "http://guests.elb.example.org/"],
  ["a port of its own", service({ hostname: "guests.elb.example.org" }, 8080), "http://guests.elb.example.org:8080/"],
  ["TLS", service({ hostname: "guests.elb.example.org" }, 443), "https://guests.elb.example.org/"],
  ["an address", service({ ip: "127.0.0.9" }), "http://127.0.0.9/"],
  ["an IPv6 address", service({ ip: "2001:db8::1" }, 8080), "http://[2001:db8::1]:8080/"],
  [
    "a name of its own, as soon as there is a load balancer",
    { ...service({ hostname: "k8s.elb.example.org" }, 443), metadata: { name: "x", annotations: own } },
    "https://guests.example.com/",
  ],
  [
    "a name of its own without a load balancer",
    { ...service(undefined, 443), metadata: { name: "x", annotations: own } },
    undefined,
  ],
  [
    "a port that the load balancer names",
    service({ ip: "127.0.0.1", ports: [{ port: 31080 }] }),
    "http://127.0.0.1:31080/",
  ],
  ["no load balancer yet", service(undefined), undefined],
  ["another type", service({ ip: "127.0.0.1" }, 80, "ClusterIP"), undefined],
])("reads %s", (_, given, url) => {
  expect(publicUrl(given)).toBe(url);
});
