import { budgets } from "./budgets.ts";
import { addresses, endpoints, interfaces, natGateways } from "./ec2-addresses.ts";
import { instances, launchTemplates, snapshots, volumes } from "./ec2-compute.ts";
import { internetGateways, routeTables, securityGroups, subnets, vpcs } from "./ec2-vpc.ts";
import { repositories } from "./ecr.ts";
import { clusters, nodeGroups } from "./eks.ts";
import { classicLoadBalancers, loadBalancers, targetGroups } from "./elb.ts";
import { instanceProfiles, oidcProviders, roles } from "./iam.ts";
import { keys } from "./kms.ts";
import { logGroups } from "./logs.ts";
import { certificates } from "./names/certificates.ts";
import { records } from "./names/records.ts";
import { type ResourceKind, type KindName, kindNames } from "./resource.ts";
import { buckets, state } from "./s3.ts";
import { secrets } from "./secrets.ts";

const byName: Record<KindName, ResourceKind> = {
  "dns-record": records,
  "load-balancer": loadBalancers,
  "classic-load-balancer": classicLoadBalancers,
  "target-group": targetGroups,
  certificate: certificates,
  "node-group": nodeGroups,
  cluster: clusters,
  instance: instances,
  volume: volumes,
  snapshot: snapshots,
  "network-interface": interfaces,
  "nat-gateway": natGateways,
  address: addresses,
  "vpc-endpoint": endpoints,
  "internet-gateway": internetGateways,
  subnet: subnets,
  "route-table": routeTables,
  "security-group": securityGroups,
  vpc: vpcs,
  "launch-template": launchTemplates,
  "log-group": logGroups,
  secret: secrets,
  repository: repositories,
  bucket: buckets,
  state,
  "instance-profile": instanceProfiles,
  role: roles,
  "oidc-provider": oidcProviders,
  key: keys,
  budget: budgets,
};

/** Every kind of resource that is looked for, in the order in which they are removed. */
export const kinds: readonly ResourceKind[] = kindNames.map((name) => byName[name]);

/** The kind of a name. */
export const kindOf = (name: KindName): ResourceKind => byName[name];

/** The kind that an ARN is one of; undefined for those that nobody here knows. */
export const kindOfArn = (arn: string): ResourceKind | undefined => kinds.find((kind) => kind.matches(arn));

/**
 * ARNs of what costs nothing, has no life without something that is a resource here, and goes with it: a cluster's
 * add-ons and entries, a load balancer's listeners, a group's rules, a key's alias.
 */
const parts = [
  /^arn:[^:]+:eks:[^:]*:[^:]*:(addon|access-entry|podidentityassociation|access-policy-association)\//,
  /^arn:[^:]+:elasticloadbalancing:[^:]*:[^:]*:listener(-rule)?\//,
  /^arn:[^:]+:ec2:[^:]*:[^:]*:(security-group-rule|network-acl)\//,
  /^arn:[^:]+:kms:[^:]*:[^:]*:alias\//,
];

/** Whether an ARN is only a part of a resource. */
export const isPart = (arn: string): boolean => parts.some((part) => part.test(arn));
