import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2 } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { S3 } from "@aws-sdk/client-s3";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";

/** Where the emulator is, and as whom it is asked. */
export interface ListedAccount {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

type Names = (string | undefined)[] | undefined;

/**
 * Everything in an account, as the services list it: nothing of the code that takes environments away is used, so that
 * the one can be held against the other.
 *
 * @returns `kind name`, sorted; what AWS only remembers (a deleted NAT gateway, a key that waits for its end) is left out
 */
export async function listAccount(account: ListedAccount): Promise<string[]> {
  const ec2 = new EC2(account);
  const elb = new ElasticLoadBalancingV2(account);
  const eks = new EKS(account);
  const iam = new IAM(account);
  const others = {
    ecr: new ECR(account),
    kms: new KMS(account),
    logs: new CloudWatchLogs(account),
    s3: new S3({ ...account, forcePathStyle: true }),
    secrets: new SecretsManager(account),
  };
  const lists: Record<string, () => Promise<Names>> = {
    ...networkLists(ec2),
    "load balancer": async () =>
      (await elb.describeLoadBalancers({})).LoadBalancers?.map(({ LoadBalancerName: name }) => name),
    "target group": async () =>
      (await elb.describeTargetGroups({})).TargetGroups?.map(({ TargetGroupName: name }) => name),
    cluster: async () => (await eks.listClusters({})).clusters,
    role: async () => (await iam.listRoles({})).Roles?.map(({ RoleName: name }) => name),
    "OIDC provider": async () =>
      (await iam.listOpenIDConnectProviders({})).OpenIDConnectProviderList?.map(({ Arn: arn }) => arn),
    repository: async () =>
      (await others.ecr.describeRepositories({})).repositories?.map(({ repositoryName: name }) => name),
    "log group": async () => (await others.logs.describeLogGroups({})).logGroups?.map(({ logGroupName: name }) => name),
    bucket: async () => (await others.s3.listBuckets({})).Buckets?.map(({ Name: name }) => name),
    secret: async () => (await others.secrets.listSecrets({})).SecretList?.map(({ Name: name }) => name),
    key: () => keys(others.kms),
  };
  try {
    const found = Object.entries(lists).map(async ([kind, list]) =>
      ((await list()) ?? []).map((name) => `${kind} ${name ?? "?"}`),
    );
    return (await Promise.all(found)).flat().sort();
  } finally {
    for (const client of [ec2, elb, eks, iam, ...Object.values(others)]) client.destroy();
  }
}

function networkLists(ec2: EC2): Record<string, () => Promise<Names>> {
  const gone = new Set(["terminated", "deleted", "failed"]);
  return {
    address: async () => (await ec2.describeAddresses({})).Addresses?.map(({ AllocationId: id }) => id),
    "internet gateway": async () =>
      (await ec2.describeInternetGateways({})).InternetGateways?.map(({ InternetGatewayId: id }) => id),
    instance: async () =>
      (await ec2.describeInstances({})).Reservations?.flatMap(({ Instances = [] }) => Instances)
        .filter(({ State: state }) => !gone.has(state?.Name ?? ""))
        .map(({ InstanceId: id }) => id),
    "launch template": async () =>
      (await ec2.describeLaunchTemplates({})).LaunchTemplates?.map(({ LaunchTemplateName: name }) => name),
    "NAT gateway": async () =>
      (await ec2.describeNatGateways({})).NatGateways?.filter(({ State: state }) => !gone.has(state ?? "")).map(
        ({ NatGatewayId: id }) => id,
      ),
    "network interface": async () =>
      (await ec2.describeNetworkInterfaces({})).NetworkInterfaces?.map(({ NetworkInterfaceId: id }) => id),
    "route table": async () => (await ec2.describeRouteTables({})).RouteTables?.map(({ RouteTableId: id }) => id),
    "security group": async () => (await ec2.describeSecurityGroups({})).SecurityGroups?.map(({ GroupId: id }) => id),
    snapshot: async () =>
      (await ec2.describeSnapshots({ OwnerIds: ["self"] })).Snapshots?.map(({ SnapshotId: id }) => id),
    subnet: async () => (await ec2.describeSubnets({})).Subnets?.map(({ SubnetId: id }) => id),
    volume: async () => (await ec2.describeVolumes({})).Volumes?.map(({ VolumeId: id }) => id),
    VPC: async () => (await ec2.describeVpcs({})).Vpcs?.map(({ VpcId: id }) => id),
    "VPC endpoint": async () => (await ec2.describeVpcEndpoints({})).VpcEndpoints?.map(({ VpcEndpointId: id }) => id),
  };
}

async function keys(kms: KMS): Promise<Names> {
  const { Keys = [] } = await kms.listKeys({});
  const states = await Promise.all(
    Keys.map(async ({ KeyId }) => ({ id: KeyId, state: (await kms.describeKey({ KeyId })).KeyMetadata?.KeyState })),
  );
  return states.filter(({ state }) => state !== "PendingDeletion").map(({ id }) => id);
}
