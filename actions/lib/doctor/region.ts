import { environmentOf } from "../config/config.ts";
import { asked } from "./account.ts";
import type { DoctorCheck, CheckResult } from "./finding.ts";

/** Whose credentials these are. */
const identity: DoctorCheck = {
  id: "aws-identity",
  title: "the AWS account",
  explains: /credentials are for AWS account/,
  async look(subject) {
    const { account, region } = subject.config.aws;
    try {
      await subject.account();
    } catch (error) {
      const { reason, message, next } = error as { reason?: string; message: string; next?: string };
      if (reason !== "wrong-account") throw error;
      return [{ level: "blocks", says: message, ...(next === undefined ? {} : { next }) }];
    }
    return [{ level: "ok", says: `The credentials are for account ${account}, and are used in ${region}.` }];
  },
};

/** The region is one that the account uses. */
const region: DoctorCheck = {
  id: "aws-region",
  title: "the region",
  explains: /OptInRequired|not enabled in this region/,
  async look(subject) {
    const { region: name } = subject.config.aws;
    const { clients, zones } = await subject.account();
    const { DescribeRegionsCommand } = await import("@aws-sdk/client-ec2");
    const { Regions = [] } = await asked("Listing regions", () =>
      clients.ec2.send(new DescribeRegionsCommand({ AllRegions: true })),
    );
    const found = Regions.find(({ RegionName }) => RegionName === name);
    if (!found || found.OptInStatus === "not-opted-in")
      return [
        {
          level: "blocks",
          says: found
            ? `The account has not enabled the region ${name}.`
            : `AWS has no region ${name} for this account.`,
          next: `Enable it (aws account enable-region --region-name ${name}), or name another one under "aws.region" in slipway.yaml.`,
        },
      ];
    const two = (await zones()).flatMap(({ ZoneName }) => ZoneName ?? []);
    if (two.length < 2)
      return [
        {
          level: "blocks",
          says: `EKS needs two zones, and ${name} has ${two.length} for this account.`,
          next: 'Name another region under "aws.region" in slipway.yaml.',
        },
      ];
    return [{ level: "ok", says: `${name} is enabled; the zones are ${two.join(" and ")}.` }];
  },
};

/** The zones offer the nodes' instance types. */
const instanceTypes: DoctorCheck = {
  id: "instance-types",
  title: "the nodes' instance types",
  explains: /InsufficientInstanceCapacity|Unsupported|not supported in|instance type/i,
  async look(subject) {
    const { types } = environmentOf(subject.config, subject.environment).cluster.nodes;
    const { clients, zones } = await subject.account();
    const names = (await zones()).flatMap(({ ZoneName }) => ZoneName ?? []);
    const { paginateDescribeInstanceTypeOfferings } = await import("@aws-sdk/client-ec2");
    const offered = await asked("Asking which zone offers which instance type", async () => {
      const found = new Set<string>();
      const Filters = [
        { Name: "instance-type", Values: [...types] },
        { Name: "location", Values: names },
      ];
      const question = { LocationType: "availability-zone" as const, Filters };
      for await (const page of paginateDescribeInstanceTypeOfferings({ client: clients.ec2 }, question))
        for (const { InstanceType, Location } of page.InstanceTypeOfferings ?? [])
          found.add(`${InstanceType} ${Location}`);
      return found;
    });
    const problems = names.flatMap((zone): CheckResult[] =>
      types.some((type) => offered.has(`${type} ${zone}`))
        ? []
        : [{ level: "blocks", says: `The zone ${zone} offers no ${types.join(", no ")}.`, next: otherTypes }],
    );
    const nowhere = types.filter((type) => names.every((zone) => !offered.has(`${type} ${zone}`)));
    if (problems.length === 0 && nowhere.length > 0)
      problems.push({ level: "blocks", says: `No zone offers ${nowhere.join(" or ")}.`, next: otherTypes });
    return problems.length > 0
      ? problems
      : [{ level: "ok", says: `${types.join(", ")}: offered in ${names.join(" and ")}.` }];
  },
};

const otherTypes =
  'Name types under "cluster.nodes.types" in slipway.yaml that aws ec2 describe-instance-type-offerings --location-type availability-zone lists.';

/** EKS offers the Kubernetes version, and its support lasts. */
const kubernetesVersion: DoctorCheck = {
  id: "kubernetes-version",
  title: "the Kubernetes version",
  explains: /unsupported Kubernetes version|UnsupportedVersion/i,
  async look(subject) {
    const { version } = environmentOf(subject.config, subject.environment).cluster;
    const { clients } = await subject.account();
    const { DescribeClusterVersionsCommand } = await import("@aws-sdk/client-eks");
    const { clusterVersions = [] } = await asked("Asking EKS for its versions", () =>
      clients.eks.send(new DescribeClusterVersionsCommand({ includeAll: true })),
    );
    const standard = clusterVersions.filter(({ versionStatus }) => versionStatus === "STANDARD_SUPPORT");
    const choice = standard.flatMap(({ clusterVersion }) => clusterVersion ?? []).sort(byMinor);
    const next = `Name another one under "cluster.version" in slipway.yaml, one minor higher at a time: ${choice.join(", ")}.`;
    const found = clusterVersions.find(({ clusterVersion }) => clusterVersion === version);
    if (!found || found.versionStatus === "UNSUPPORTED")
      return [{ level: "blocks", says: `EKS does not offer Kubernetes ${version}.`, next }];
    const ends = found.endOfStandardSupportDate?.toISOString().slice(0, 10) ?? "an unknown day";
    if (found.versionStatus === "EXTENDED_SUPPORT")
      return [
        {
          level: "advice",
          says: `Kubernetes ${version} is in extended support since ${ends}: the cluster costs 0.60 USD an hour and not 0.10.`,
          next,
        },
      ];
    return [{ level: "ok", says: `EKS supports Kubernetes ${version} until ${ends}.` }];
  },
};

const byMinor = (one: string, other: string) => Number(one.split(".")[1]) - Number(other.split(".")[1]);

/** The account, its region and what it offers. */
export const regionChecks: readonly DoctorCheck[] = [identity, region, instanceTypes, kubernetesVersion];
