import { expect, it } from "vitest";
import { isPart, kindOfArn, kinds } from "./kinds.ts";
import { type OwnershipMarks, ownership } from "./ownership.ts";
import { isInUse, kindNames } from "./resource.ts";
import { type Scope } from "./scope.ts";

const scope = { project: "demo", environment: "dev", clusterName: "demo-dev", vpcs: ["vpc-1"] } as unknown as Scope;
const ours = { "slipway:project": "demo", "slipway:environment": "dev" };

it.each<[string, OwnershipMarks, string | undefined]>([
  ["Terraform's tags", { tags: ours }, "tag"],
  [
    "Terraform's tags of another environment, in our VPC",
    { tags: { ...ours, "slipway:environment": "eu" }, vpc: "vpc-1" },
    undefined,
  ],
  [
    "Terraform's tags of another project, by our name",
    { tags: { ...ours, "slipway:project": "other" }, named: true },
    undefined,
  ],
  ["what all environments share, by its name", { tags: { "slipway:project": "demo" }, named: true }, "name"],
  ["a cluster's own", { tags: { "kubernetes.io/cluster/demo-dev": "owned" } }, "cluster"],
  ["what a cluster only uses", { tags: { "kubernetes.io/cluster/demo-dev": "shared" } }, undefined],
  ["a cluster whose name goes on", { tags: { "kubernetes.io/cluster/demo-dev-eu": "owned" } }, undefined],
  ["the CNI's", { tags: { "cluster.k8s.amazonaws.com/name": "demo-dev" } }, "cluster"],
  ["the load balancer controller's", { tags: { "elbv2.k8s.aws/cluster": "demo-dev" } }, "cluster"],
  ["another cluster's", { tags: { "elbv2.k8s.aws/cluster": "demo-prod" } }, undefined],
  ["what is in our VPC", { vpc: "vpc-1" }, "vpc"],
  ["what is in another VPC", { vpc: "vpc-2" }, undefined],
  ["GuardDuty's in our VPC", { tags: { GuardDutyManaged: "true" }, vpc: "vpc-1" }, "cluster"],
  ["GuardDuty's in another VPC", { tags: { GuardDutyManaged: "true" }, vpc: "vpc-2" }, undefined],
  ["what GuardDuty is to leave alone, in our VPC", { tags: { GuardDutyManaged: "false" }, vpc: "vpc-1" }, "vpc"],
  ["what has no mark", {}, undefined],
])("tells whose %s is", (_what, marks, expected) => {
  expect(ownership(scope, marks)).toBe(expected);
});

it.each([
  ["arn:aws:ec2:us-east-1:000000000000:volume/vol-1", "volume"],
  ["arn:aws:ec2:us-east-1:000000000000:vpc/vpc-1", "vpc"],
  ["arn:aws:ec2:us-east-1:000000000000:vpc-endpoint/vpce-1", "vpc-endpoint"],
  ["arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/a/1", "load-balancer"],
  ["arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/a", "classic-load-balancer"],
  ["arn:aws:eks:us-east-1:000000000000:cluster/demo-dev", "cluster"],
  ["arn:aws:eks:us-east-1:000000000000:nodegroup/demo-dev/default/1", "node-group"],
  ["arn:aws:logs:us-east-1:000000000000:log-group:/aws/eks/demo-dev/cluster", "log-group"],
  ["arn:aws:s3:::demo-dev-uploads", "bucket"],
  ["arn:aws:s3:::demo-state/environments/dev/", "state"],
  ["arn:aws:iam::000000000000:role/service/demo-dev.node", "role"],
  ["arn:aws:iam::000000000000:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/1", "oidc-provider"],
  ["arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com", undefined],
  ["arn:aws:kms:us-east-1:000000000000:key/1", "key"],
  ["arn:aws:sqs:us-east-1:000000000000:orders", undefined],
])("knows the kind of %s", (arn, name) => {
  expect(kindOfArn(arn)?.name).toBe(name);
  expect(kinds.filter((kind) => kind.matches(arn)).length).toBe(name === undefined ? 0 : 1);
});

it("has every kind once, and knows what is only a part of one", () => {
  expect(kinds.map(({ name }) => name)).toEqual(kindNames);
  expect(isPart("arn:aws:eks:us-east-1:000000000000:addon/demo-dev/coredns/1")).toBe(true);
  expect(isPart("arn:aws:kms:us-east-1:000000000000:alias/demo-dev")).toBe(true);
  expect(isPart("arn:aws:eks:us-east-1:000000000000:cluster/demo-dev")).toBe(false);
});

it("tells what is still used from what is refused", () => {
  const error = (name: string, message = "") => Object.assign(new Error(message), { name });
  expect(isInUse(error("DependencyViolation"))).toBe(true);
  expect(isInUse(error("InvalidParameterValue", "Network interface 'eni-1' is currently in use."))).toBe(true);
  expect(isInUse(error("InvalidParameterValue", "no such format"))).toBe(false);
  expect(isInUse(error("AuthFailure", "You do not have permission to access the specified resource."))).toBe(true);
  expect(isInUse(error("AuthFailure", "AWS was not able to validate the provided access credentials"))).toBe(false);
  expect(isInUse(error("AccessDenied"))).toBe(false);
});
