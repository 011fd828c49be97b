import type { AllClients } from "./leftovers.ts";

/**
 * What AWS lists of an environment, by a rougher rule than the code's own: whatever names it anywhere, or its VPC.
 *
 * @returns how the ids of all of them end
 */
export async function listAll(clients: AllClients, environment: string, vpc: string): Promise<string[]> {
  const { ec2, elb, classic, eks, logs, iam, kms, secrets, budgets, s3 } = clients;
  const ours = (item: unknown) =>
    [`demo-${environment}`, `demo/${environment}/`, `"Value":"${environment}"`, `"${vpc}"`].some((sign) =>
      JSON.stringify(item).includes(sign),
    );
  const pick = <T>(items: T[] | undefined, id: (item: T) => string | undefined) =>
    (items ?? []).filter(ours).map((item) => id(item) ?? "?");
  const keys = async () => {
    const found: string[] = [];
    for (const { KeyId = "" } of (await kms.listKeys({})).Keys ?? [])
      if (ours((await kms.listResourceTags({ KeyId })).Tags?.map(({ TagValue }) => ({ Value: TagValue }))))
        found.push(KeyId);
    return found;
  };
  const groups = async () => {
    const { clusters = [] } = await eks.listClusters({});
    const all = clusters.filter(ours).map(async (clusterName) => {
      const { nodegroups = [] } = await eks.listNodegroups({ clusterName });
      return Promise.all(
        nodegroups.map(
          async (nodegroupName) =>
            (await eks.describeNodegroup({ clusterName, nodegroupName })).nodegroup?.nodegroupArn ?? "?",
        ),
      );
    });
    return [...clusters.filter(ours).map((name) => `cluster/${name}`), ...(await Promise.all(all)).flat()];
  };
  const tables = (await ec2.describeRouteTables({})).RouteTables?.filter(
    ({ Associations: on }) => !on?.some(({ Main }) => Main),
  );
  const securityGroups = (await ec2.describeSecurityGroups({})).SecurityGroups?.filter(
    ({ GroupName }) => GroupName !== "default",
  );
  const balancers = (await elb.describeLoadBalancers({})).LoadBalancers;
  const classics = (await classic.describeLoadBalancers({})).LoadBalancerDescriptions;
  return [
    ...pick(
      (await ec2.describeInstances({})).Reservations?.flatMap(({ Instances = [] }) => Instances),
      (i) => i.InstanceId,
    ),
    ...pick((await ec2.describeVolumes({})).Volumes, (i) => i.VolumeId),
    ...pick((await ec2.describeSnapshots({ OwnerIds: ["self"] })).Snapshots, (i) => i.SnapshotId),
    ...pick((await ec2.describeNetworkInterfaces({})).NetworkInterfaces, (i) => i.NetworkInterfaceId),
    ...pick((await ec2.describeNatGateways({})).NatGateways, (i) => i.NatGatewayId),
    ...pick((await ec2.describeAddresses({})).Addresses, (i) => i.AllocationId),
    ...pick((await ec2.describeVpcEndpoints({})).VpcEndpoints, (i) => i.VpcEndpointId),
    ...pick((await ec2.describeInternetGateways({})).InternetGateways, (i) => i.InternetGatewayId),
    ...pick((await ec2.describeSubnets({})).Subnets, (i) => i.SubnetId),
    ...pick(tables, (i) => i.RouteTableId),
    ...pick(securityGroups, (i) => i.GroupId),
    ...pick((await ec2.describeVpcs({})).Vpcs, (i) => i.VpcId),
    ...pick((await ec2.describeLaunchTemplates({})).LaunchTemplates, (i) => i.LaunchTemplateId),
    ...pick(balancers, (i) => i.LoadBalancerArn),
    ...pick(classics, (i) => i.LoadBalancerName),
    ...pick((await elb.describeTargetGroups({})).TargetGroups, (i) => i.TargetGroupArn),
    ...(await groups()),
    ...pick((await logs.describeLogGroups({})).logGroups, (i) => i.logGroupName),
    ...pick((await secrets.listSecrets({})).SecretList, (i) => i.ARN),
    ...pick((await s3.listBuckets({})).Buckets, (i) => i.Name),
    ...pick((await iam.listRoles({})).Roles, (i) => i.RoleName),
    ...pick((await iam.listInstanceProfiles({})).InstanceProfiles, (i) => i.InstanceProfileName),
    ...pick(
      (await budgets.describeBudgets({ AccountId: "000000000000" })).Budgets,
      (i) => i.BudgetName && `budget/${i.BudgetName}`,
    ),
    ...(await keys()),
  ];
}
