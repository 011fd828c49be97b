import { ACM } from "@aws-sdk/client-acm";
import { EC2 } from "@aws-sdk/client-ec2";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { Route53 } from "@aws-sdk/client-route-53";
import type { ClusterFacts } from "../../../lib/argocd/cluster-facts.ts";

/** Settings of AWS clients. */
export interface AwsSettings {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** What the fixture's AWS has of an environment's apps, and nothing of its network and its cluster. */
export interface AwsListing {
  balancers: string[];
  targetGroups: string[];
  /** Descriptions of load balancers' interfaces. */
  interfaces: string[];
  /** Without their ids: `1 GB`, and `kept` where they are. */
  volumes: string[];
  snapshots: string[];
}

/** AWS without anything of the apps. */
export const nothingInAws: AwsListing = { balancers: [], targetGroups: [], interfaces: [], volumes: [], snapshots: [] };

/** Makes a network, and EKS's record of a cluster in it, as Terraform would. */
export async function makeNetwork(
  aws: AwsSettings,
  cluster: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const ec2 = new EC2(aws);
  const eks = new EKS(aws);
  const tagged = <const Type extends string>(ResourceType: Type, more: Record<string, string> = {}) => [
    { ResourceType, Tags: Object.entries({ ...tags, ...more }).map(([Key, Value]) => ({ Key, Value })) },
  ];
  const made = await ec2.createVpc({ CidrBlock: "10.0.0.0/16", TagSpecifications: tagged("vpc") });
  const subnetIds: string[] = [];
  for (const [index, zone] of ["a", "b"].entries()) {
    const { Subnet } = await ec2.createSubnet({
      VpcId: made.Vpc?.VpcId,
      CidrBlock: `10.0.${index}.0/24`,
      AvailabilityZone: `${aws.region}${zone}`,
      TagSpecifications: tagged("subnet", { "kubernetes.io/role/elb": "1" }),
    });
    subnetIds.push(Subnet?.SubnetId ?? "");
  }
  const roleArn = "arn:aws:iam::000000000000:role/cluster";
  await eks.createCluster({ name: cluster, roleArn, resourcesVpcConfig: { subnetIds } });
  for (const client of [ec2, eks]) client.destroy();
}

/** Asks AWS itself, and nothing of what is tested. */
export async function listAws(aws: AwsSettings): Promise<AwsListing> {
  const ec2 = new EC2(aws);
  const elb = new ElasticLoadBalancingV2(aws);
  try {
    const [balancers, groups, interfaces, volumes, snapshots] = await Promise.all([
      elb.describeLoadBalancers({}),
      elb.describeTargetGroups({}),
      ec2.describeNetworkInterfaces({}),
      ec2.describeVolumes({}),
      ec2.describeSnapshots({ OwnerIds: ["self"] }),
    ]);
    const kept = (tags: { Key?: string | undefined }[] = []) =>
      tags.some(({ Key }) => Key === "slipway:kept") ? ", kept" : "";
    return {
      balancers: (balancers.LoadBalancers ?? []).map(({ LoadBalancerName: name = "" }) => name),
      targetGroups: (groups.TargetGroups ?? []).map(({ TargetGroupName: name = "" }) => name),
      interfaces: (interfaces.NetworkInterfaces ?? []).map(({ Description: text = "" }) => text),
      volumes: (volumes.Volumes ?? []).map(({ Size: size, Tags }) => `${size} GB${kept(Tags)}`),
      snapshots: (snapshots.Snapshots ?? []).map(
        ({ VolumeSize: size, State, Tags }) => `${size} GB, ${State}${kept(Tags)}`,
      ),
    };
  } finally {
    for (const client of [ec2, elb]) client.destroy();
  }
}

/** Deletes what a teardown was asked to keep. */
export async function removeKept(aws: AwsSettings): Promise<void> {
  const ec2 = new EC2(aws);
  const { Volumes = [] } = await ec2.describeVolumes({});
  for (const { VolumeId } of Volumes) await ec2.deleteVolume({ VolumeId });
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ["self"] });
  for (const { SnapshotId } of Snapshots) await ec2.deleteSnapshot({ SnapshotId });
  ec2.destroy();
}

/** What Terraform makes for an environment's names, in a zone that is there: the certificate, and ExternalDNS's add-on. */
export async function makeNames(
  aws: AwsSettings,
  clusterName: string,
  domain: string,
  tags: Readonly<Record<string, string>>,
): Promise<ClusterFacts> {
  const [acm, eks, route53] = [new ACM(aws), new EKS(aws), new Route53(aws)];
  try {
    await route53.createHostedZone({ Name: domain, CallerReference: domain });
    const configurationValues = JSON.stringify({ domainFilters: [domain], txtOwnerId: clusterName });
    await eks.createAddon({ clusterName, addonName: "external-dns", configurationValues });
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    const made = await acm.requestCertificate({ DomainName: `*.${domain}`, ValidationMethod: "DNS", Tags });
    return { domain, certificate: made.CertificateArn ?? "" };
  } finally {
    for (const client of [acm, eks, route53]) client.destroy();
  }
}
