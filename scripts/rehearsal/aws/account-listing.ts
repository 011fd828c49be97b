import { ACM } from "@aws-sdk/client-acm";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAM } from "@aws-sdk/client-iam";
import { type KeyMetadata, KMS } from "@aws-sdk/client-kms";
import { Route53 } from "@aws-sdk/client-route-53";
import { S3 } from "@aws-sdk/client-s3";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";

/** Where the emulator is, and as whom it is asked. */
export interface ListedAccount {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** A resource, as its service lists it. */
interface Listed {
  name: string | undefined;
  record: object;
}

/** What is listed, by its kind. */
type Lists = Record<string, () => Promise<Listed[]>>;

/**
 * Everything in an account, as the services list it: nothing of the code that takes environments away is used, so that
 * the one can be held against the other.
 *
 * @returns `kind name`, sorted; what AWS only remembers (a deleted NAT gateway, a key that waits for its end) is left out
 */
export async function listAccount(account: ListedAccount): Promise<string[]> {
  return list(account, ({ name = "?" }) => name);
}

/** As `listAccount`, but each name is followed by all that the service's list says of it, as JSON. */
export async function describeAccount(account: ListedAccount): Promise<string[]> {
  return list(account, ({ name = "?", record }) => `${name} ${JSON.stringify(record)}`);
}

async function list(account: ListedAccount, text: (listed: Listed) => string): Promise<string[]> {
  const ec2 = new EC2(account);
  const elb = new ElasticLoadBalancingV2(account);
  const eks = new EKS(account);
  const iam = new IAM(account);
  const ecr = new ECR(account);
  const kms = new KMS(account);
  const logs = new CloudWatchLogs(account);
  const s3 = new S3({ ...account, forcePathStyle: true });
  const secrets = new SecretsManager(account);
  const acm = new ACM(account);
  const route53 = new Route53(account);
  const lists: Lists = {
    ...networkLists(ec2),
    "load balancer": async () =>
      named((await elb.describeLoadBalancers({})).LoadBalancers, ({ LoadBalancerName: name }) => name),
    "target group": async () =>
      named((await elb.describeTargetGroups({})).TargetGroups, ({ TargetGroupName: name }) => name),
    cluster: async () => {
      const { clusters = [] } = await eks.listClusters({});
      return Promise.all(
        clusters.map(async (name) => ({ name, record: (await eks.describeCluster({ name })).cluster ?? {} })),
      );
    },
    role: async () => named((await iam.listRoles({})).Roles, ({ RoleName: name }) => name),
    "OIDC provider": async () =>
      named((await iam.listOpenIDConnectProviders({})).OpenIDConnectProviderList, ({ Arn: arn }) => arn),
    repository: async () =>
      named((await ecr.describeRepositories({})).repositories, ({ repositoryName: name }) => name),
    "log group": async () => named((await logs.describeLogGroups({})).logGroups, ({ logGroupName: name }) => name),
    bucket: async () => named((await s3.listBuckets({})).Buckets, ({ Name: name }) => name),
    secret: async () => named((await secrets.listSecrets({})).SecretList, ({ Name: name }) => name),
    key: () => keys(kms),
    certificate: async () =>
      named((await acm.listCertificates({})).CertificateSummaryList, ({ CertificateArn: arn }) => arn),
    "DNS record": () => records(route53),
  };
  try {
    const found = Object.entries(lists).map(async ([kind, ask]) =>
      (await ask()).map((listed) => `${kind} ${text(listed)}`),
    );
    return (await Promise.all(found)).flat().sort();
  } finally {
    for (const client of [ec2, elb, eks, iam, ecr, kms, logs, s3, secrets, acm, route53]) client.destroy();
  }
}

function named<T extends object>(records: readonly T[] = [], name: (record: T) => string | undefined): Listed[] {
  return records.map((record) => ({ name: name(record), record }));
}

function networkLists(ec2: EC2): Lists {
  const gone = new Set(["terminated", "deleted", "failed"]);
  return {
    address: async () => named((await ec2.describeAddresses({})).Addresses, ({ AllocationId: id }) => id),
    "internet gateway": async () =>
      named((await ec2.describeInternetGateways({})).InternetGateways, ({ InternetGatewayId: id }) => id),
    instance: async () => {
      const { Reservations = [] } = await ec2.describeInstances({});
      const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
      return named(
        instances.filter(({ State: state }) => !gone.has(state?.Name ?? "")),
        ({ InstanceId: id }) => id,
      );
    },
    "launch template": async () =>
      named((await ec2.describeLaunchTemplates({})).LaunchTemplates, ({ LaunchTemplateName: name }) => name),
    "NAT gateway": async () => {
      const { NatGateways = [] } = await ec2.describeNatGateways({});
      return named(
        NatGateways.filter(({ State: state }) => !gone.has(state ?? "")),
        ({ NatGatewayId: id }) => id,
      );
    },
    "network interface": async () =>
      named((await ec2.describeNetworkInterfaces({})).NetworkInterfaces, ({ NetworkInterfaceId: id }) => id),
    "route table": async () => named((await ec2.describeRouteTables({})).RouteTables, ({ RouteTableId: id }) => id),
    "security group": async () => named((await ec2.describeSecurityGroups({})).SecurityGroups, ({ GroupId: id }) => id),
    snapshot: async () =>
      named((await ec2.describeSnapshots({ OwnerIds: ["self"] })).Snapshots, ({ SnapshotId: id }) => id),
    subnet: async () => named((await ec2.describeSubnets({})).Subnets, ({ SubnetId: id }) => id),
    volume: async () => named((await ec2.describeVolumes({})).Volumes, ({ VolumeId: id }) => id),
    VPC: async () => named((await ec2.describeVpcs({})).Vpcs, ({ VpcId: id }) => id),
    "VPC endpoint": async () => named((await ec2.describeVpcEndpoints({})).VpcEndpoints, ({ VpcEndpointId: id }) => id),
  };
}

async function keys(kms: KMS): Promise<Listed[]> {
  const { Keys = [] } = await kms.listKeys({});
  const known = await Promise.all(Keys.map(async ({ KeyId }) => (await kms.describeKey({ KeyId })).KeyMetadata));
  const kept = known.filter((key): key is KeyMetadata => key !== undefined && key.KeyState !== "PendingDeletion");
  return named(kept, ({ KeyId: id }) => id);
}

async function records(route53: Route53): Promise<Listed[]> {
  const { HostedZones: zones = [] } = await route53.listHostedZones({});
  const lists = await Promise.all(zones.map(({ Id: id }) => route53.listResourceRecordSets({ HostedZoneId: id })));
  return lists.flatMap(({ ResourceRecordSets: sets }) => named(sets, ({ Type, Name }) => `${Type} ${Name}`));
}
