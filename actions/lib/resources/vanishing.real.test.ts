import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { kindOf } from "./kinds.ts";
import type { KindName } from "./resource.ts";
import { makeNetwork, marksOf } from "../../testing/resources/leftovers.ts";
import { startTestAws, type TestAws } from "../../testing/resources/world.ts";

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
  const { clients, dev } = aws;
  const { vpc, subnet } = await makeNetwork(clients, dev);
  const Tags = marksOf(dev);
  for (const Name of ["one", "two"]) {
    await clients.elb.createLoadBalancer({ Name, Type: "network", Subnets: [subnet], Tags });
    await clients.elb.createTargetGroup({ Name, Protocol: "TCP", Port: 80, VpcId: vpc, Tags });
    await clients.iam.createRole({ RoleName: `demo-dev.${Name}`, AssumeRolePolicyDocument: "{}", Tags });
  }
});
afterEach(() => aws.proxy.faults.clear());
afterAll(() => aws[Symbol.asyncDispose]());

const found = async (kind: KindName) => (await kindOf(kind).find(aws.dev)).map(({ name }) => name).sort();

it.each([
  { kind: "load-balancer", code: "LoadBalancerNotFound" },
  { kind: "target-group", code: "TargetGroupNotFound" },
] as const)("leaves out a $kind that goes between its list and its tags, and finds the others", async (each) => {
  const { kind, code } = each;
  const gone = { service: "elasticloadbalancing", action: "DescribeTags", kind: "code", code } as const;
  // A question for several is refused as a whole for one of them that is gone.
  aws.proxy.faults.add({ ...gone, times: 1 });
  expect(await found(kind)).toEqual(["one", "two"]);
  aws.proxy.faults.add({ ...gone, when: (_, body) => /(loadbalancer%2F(app|net)|targetgroup)%2Ftwo/.test(body) });
  expect(await found(kind)).toEqual(["one"]);
});

it("leaves out a role that goes between the list and a question about it", async () => {
  const gone = { service: "iam", action: "ListRoleTags", kind: "code", code: "NoSuchEntity", status: 404 } as const;
  aws.proxy.faults.add({ ...gone, when: (_, body) => body.includes("demo-dev.two") });
  expect(await found("role")).toEqual(["demo-dev.one"]);
});

it("does not take a refusal for that", async () => {
  aws.proxy.faults.add({ service: "elasticloadbalancing", action: "DescribeTags", kind: "access-denied" });
  await expect(found("load-balancer")).rejects.toThrow();
});
