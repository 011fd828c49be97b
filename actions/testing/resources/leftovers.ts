import { Budgets } from "@aws-sdk/client-budgets";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EC2, type ResourceType } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { EKS } from "@aws-sdk/client-eks";
import { ElasticLoadBalancing } from "@aws-sdk/client-elastic-load-balancing";
import { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { S3 } from "@aws-sdk/client-s3";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import type { Scope } from "../../lib/resources/scope.ts";

/** How the tests' clients reach AWS. */
export interface TestSettings {
  region: string;
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** A client of every service. */
export function openClients(settings: TestSettings) {
  return {
    ec2: new EC2(settings),
    elb: new ElasticLoadBalancingV2(settings),
    classic: new ElasticLoadBalancing(settings),
    eks: new EKS(settings),
    logs: new CloudWatchLogs(settings),
    ecr: new ECR(settings),
    s3: new S3({ ...settings, forcePathStyle: true }),
    iam: new IAM(settings),
    kms: new KMS(settings),
    secrets: new SecretsManager(settings),
    budgets: new Budgets(settings),
  };
}

/** A client of every service. */
export type AllClients = ReturnType<typeof openClients>;

/** Terraform's tags. */
export const marksOf = ({ project, environment }: Pick<Scope, "project" | "environment">) => [
  { Key: "slipway:project", Value: project },
  { Key: "slipway:environment", Value: environment },
];

const specification = (scope: Scope, type: ResourceType) => [{ ResourceType: type, Tags: marksOf(scope) }];

/** A VPC with a subnet, as Terraform makes them. */
export async function makeNetwork({ ec2 }: AllClients, scope: Scope): Promise<{ vpc: string; subnet: string }> {
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.0.0.0/16", TagSpecifications: specification(scope, "vpc") });
  const vpc = Vpc?.VpcId ?? "";
  const { Subnet } = await ec2.createSubnet({
    VpcId: vpc,
    CidrBlock: "10.0.0.0/24",
    AvailabilityZone: `${scope.region}a`,
    TagSpecifications: specification(scope, "subnet"),
  });
  return { vpc, subnet: Subnet?.SubnetId ?? "" };
}

/** One of nearly every kind, each by the marks that it has in AWS. */
export async function makeLeftovers(clients: AllClients, scope: Scope): Promise<{ vpc: string; subnet: string }> {
  const { clusterName: name, region } = scope;
  const { vpc, subnet } = await makeNetwork(clients, scope);
  await makeInNetwork(clients, scope, vpc, subnet);
  const { ec2, eks, logs, iam, kms, secrets, budgets, s3 } = clients;
  const owned = [{ Key: `kubernetes.io/cluster/${name}`, Value: "owned" }];
  const zone = `${region}a`;
  const TagSpecifications = [{ ResourceType: "volume" as const, Tags: owned }];
  await ec2.createVolume({ AvailabilityZone: zone, Size: 20, VolumeType: "gp3", TagSpecifications });
  const { VolumeId } = await ec2.createVolume({ AvailabilityZone: zone, Size: 5, VolumeType: "gp2" });
  await ec2.createSnapshot({ VolumeId, TagSpecifications: specification(scope, "snapshot") });
  await ec2.deleteVolume({ VolumeId });
  await ec2.createLaunchTemplate({
    LaunchTemplateName: `${name}-node`,
    LaunchTemplateData: { InstanceType: "t3.large" },
    TagSpecifications: specification(scope, "launch-template"),
  });
  const roleArn = `arn:aws:iam::${scope.account}:role/any`;
  await eks.createCluster({ name, version: "1.35", roleArn, resourcesVpcConfig: { subnetIds: [subnet] } });
  await eks.createNodegroup({ clusterName: name, nodegroupName: "default", nodeRole: roleArn, subnets: [subnet] });
  await logs.createLogGroup({ logGroupName: `/aws/eks/${name}/cluster` });
  for (const role of ["cluster", "node"])
    await iam.createRole({ RoleName: `${name}.${role}`, AssumeRolePolicyDocument: "{}", Tags: marksOf(scope) });
  await iam.createInstanceProfile({ InstanceProfileName: `eks-${name}` });
  await iam.addRoleToInstanceProfile({ InstanceProfileName: `eks-${name}`, RoleName: `${name}.node` });
  const { KeyMetadata } = await kms.createKey({
    Description: `secrets of ${name}`,
    Tags: marksOf(scope).map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
  });
  await kms.createAlias({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata?.KeyId ?? "" });
  await secrets.createSecret({ Name: `${scope.project}/${scope.environment}/password`, SecretString: "x" });
  const Budget = { BudgetName: name, BudgetType: "COST", TimeUnit: "MONTHLY" } as const;
  const BudgetLimit = { Amount: "100.0", Unit: "USD" };
  await budgets.createBudget({ AccountId: scope.account, Budget: { ...Budget, BudgetLimit } });
  await s3.createBucket({ Bucket: `${name}-uploads` });
  return { vpc, subnet };
}

async function makeInNetwork(
  { ec2, elb, classic }: AllClients,
  scope: Scope,
  vpc: string,
  subnet: string,
): Promise<void> {
  const { clusterName: name } = scope;
  const owned = [{ Key: `kubernetes.io/cluster/${name}`, Value: "owned" }];
  const { InternetGateway } = await ec2.createInternetGateway({
    TagSpecifications: specification(scope, "internet-gateway"),
  });
  await ec2.attachInternetGateway({ InternetGatewayId: InternetGateway?.InternetGatewayId, VpcId: vpc });
  await ec2.createRouteTable({ VpcId: vpc, TagSpecifications: specification(scope, "route-table") });
  const { AllocationId } = await ec2.allocateAddress({
    Domain: "vpc",
    TagSpecifications: specification(scope, "elastic-ip"),
  });
  await ec2.createNatGateway({
    SubnetId: subnet,
    AllocationId,
    TagSpecifications: specification(scope, "natgateway"),
  });
  const service = { VpcId: vpc, ServiceName: `com.amazonaws.${scope.region}.ecr.api` };
  await ec2.createVpcEndpoint({ ...service, VpcEndpointType: "Interface", SubnetIds: [subnet] });
  const { GroupId } = await ec2.createSecurityGroup({ GroupName: `k8s-${name}`, Description: "by EKS", VpcId: vpc });
  await ec2.createTags({ Resources: [GroupId ?? ""], Tags: [{ Key: "aws:eks:cluster-name", Value: name }] });
  const { NetworkInterface } = await ec2.createNetworkInterface({ SubnetId: subnet, Description: "aws-K8S-i-1" });
  const cni = [{ Key: "cluster.k8s.amazonaws.com/name", Value: name }];
  await ec2.createTags({ Resources: [NetworkInterface?.NetworkInterfaceId ?? ""], Tags: cni });
  await ec2.runInstances({
    ImageId: "ami-1",
    InstanceType: "t3.large",
    MinCount: 1,
    MaxCount: 1,
    SubnetId: subnet,
    TagSpecifications: specification(scope, "instance"),
  });
  await elb.createLoadBalancer({ Name: `net-${name}`, Type: "network", Subnets: [subnet], Tags: owned });
  const target = { Name: `to-${name}`, Protocol: "TCP", Port: 80, VpcId: vpc } as const;
  await elb.createTargetGroup({ ...target, Tags: owned });
  const Listeners = [{ Protocol: "TCP", LoadBalancerPort: 80, InstancePort: 80 }];
  await classic.createLoadBalancer({ LoadBalancerName: `old-${name}`, Listeners, Subnets: [subnet], Tags: owned });
}
