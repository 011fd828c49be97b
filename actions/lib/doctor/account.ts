import type { Address, AvailabilityZone, InternetGateway, NatGateway, Tag, Vpc } from "@aws-sdk/client-ec2";
import type { LoadBalancer } from "@aws-sdk/client-elastic-load-balancing-v2";
import { type AwsCredentialProvider, awsFailure, refuseOtherAccount } from "../aws/credentials.ts";
import type { Config } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { openStateStore, type StateStore } from "../terraform/state/store.ts";
import { stateBucket } from "../terraform/root.ts";

/** A client of each service that is asked. */
export interface DoctorClients {
  ec2: import("@aws-sdk/client-ec2").EC2Client;
  eks: import("@aws-sdk/client-eks").EKSClient;
  elb: import("@aws-sdk/client-elastic-load-balancing-v2").ElasticLoadBalancingV2Client;
  iam: import("@aws-sdk/client-iam").IAMClient;
  s3: import("@aws-sdk/client-s3").S3Client;
  quotas: import("@aws-sdk/client-service-quotas").ServiceQuotasClient;
}

/** An AWS account that checks ask. What several of them ask is asked once; every question throws SlipwayError. */
export interface DoctorAccount extends Disposable {
  readonly clients: DoctorClients;
  readonly credentials: AwsCredentialProvider;
  readonly store: StateStore;
  readonly bucket: string;
  vpcs: () => Promise<Vpc[]>;
  internetGateways: () => Promise<InternetGateway[]>;
  natGateways: () => Promise<NatGateway[]>;
  addresses: () => Promise<Address[]>;
  loadBalancers: () => Promise<LoadBalancer[]>;
  clusterNames: () => Promise<string[]>;
  /** Virtual processors of instances that run or start, by their type; those of `ours` left out. */
  processorsInUse: () => Promise<Map<string, number>>;
  /** How many virtual processors each type has; a type that the region does not know is left out. */
  processorsOf: (types: readonly string[]) => Promise<Map<string, number>>;
  /** The two zones that terraform/modules/network takes; fewer where the region has no more. */
  zones: () => Promise<AvailabilityZone[]>;
  /** A quota's value, as it holds for this account. */
  quota: (service: string, code: string) => Promise<number>;
  /** Whether the tags are those of the environment that is looked at. */
  ours: (tags: readonly Tag[] | undefined) => boolean;
}

/** Zones that EKS refuses; as in terraform/modules/network, https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
export const refusedZones = ["use1-az3", "usw1-az2", "cac1-az3"];

/**
 * Opens the account of slipway.yaml.
 *
 * @throws SlipwayError when the credentials are none, or another account's
 */
export async function openAccount(
  config: Config,
  environment: string,
  credentials: AwsCredentialProvider,
): Promise<DoctorAccount> {
  await refuseOtherAccount(config.aws, credentials);
  const [ec2, eks, elb, iam, s3, quotas] = await Promise.all([
    import("@aws-sdk/client-ec2"),
    import("@aws-sdk/client-eks"),
    import("@aws-sdk/client-elastic-load-balancing-v2"),
    import("@aws-sdk/client-iam"),
    import("@aws-sdk/client-s3"),
    import("@aws-sdk/client-service-quotas"),
  ]);
  const options = { region: config.aws.region, credentials, maxAttempts: 5 };
  const clients: DoctorClients = {
    ec2: new ec2.EC2Client(options),
    eks: new eks.EKSClient(options),
    elb: new elb.ElasticLoadBalancingV2Client(options),
    iam: new iam.IAMClient(options),
    s3: new s3.S3Client(options),
    quotas: new quotas.ServiceQuotasClient(options),
  };
  const bucket = stateBucket({ project: config.project, ...config.aws });
  const page = { ec2: { client: clients.ec2 }, elb: { client: clients.elb }, eks: { client: clients.eks } };
  const ours = (tags: readonly Tag[] | undefined = []) =>
    Object.entries({ "slipway:project": config.project, "slipway:environment": environment }).every(([key, value]) =>
      tags.some((tag) => tag.Key === key && tag.Value === value),
    );
  const processorsOf = (types: readonly string[]) =>
    asked("Asking EC2 about instance types", async () => {
      const found = new Map<string, number>();
      if (types.length === 0) return found;
      const Filters = [{ Name: "instance-type", Values: [...types] }];
      for await (const { InstanceTypes = [] } of ec2.paginateDescribeInstanceTypes(page.ec2, { Filters }))
        for (const { InstanceType: type, VCpuInfo } of InstanceTypes)
          if (type && types.includes(type)) found.set(type, VCpuInfo?.DefaultVCpus ?? 0);
      return found;
    });
  return {
    clients,
    credentials,
    bucket,
    ours,
    processorsOf,
    store: openStateStore({ bucket, region: config.aws.region, credentials }),
    vpcs: once("Listing VPCs", () => all(ec2.paginateDescribeVpcs(page.ec2, {}), ({ Vpcs }) => Vpcs)),
    internetGateways: once("Listing internet gateways", () =>
      all(ec2.paginateDescribeInternetGateways(page.ec2, {}), ({ InternetGateways }) => InternetGateways),
    ),
    natGateways: once("Listing NAT gateways", async () => {
      const found = await all(ec2.paginateDescribeNatGateways(page.ec2, {}), ({ NatGateways }) => NatGateways);
      return found.filter(({ State: state }) => state !== "deleted" && state !== "failed");
    }),
    addresses: once(
      "Listing addresses",
      async () => (await clients.ec2.send(new ec2.DescribeAddressesCommand({}))).Addresses ?? [],
    ),
    loadBalancers: once("Listing load balancers", () =>
      all(elb.paginateDescribeLoadBalancers(page.elb, {}), ({ LoadBalancers }) => LoadBalancers),
    ),
    clusterNames: once("Listing clusters", () =>
      all(eks.paginateListClusters(page.eks, {}), (found) => found.clusters),
    ),
    processorsInUse: once("Listing instances", async () => {
      const Filters = [{ Name: "instance-state-name", Values: ["pending", "running"] }];
      const found = await all(ec2.paginateDescribeInstances(page.ec2, { Filters }), ({ Reservations }) => Reservations);
      const others = found
        .flatMap(({ Instances = [] }) => Instances)
        // Those on spot have a quota of their own.
        .filter(({ Tags, InstanceLifecycle }) => !ours(Tags) && InstanceLifecycle !== "spot");
      const types = others.flatMap(({ InstanceType }) => InstanceType ?? []);
      const each = await processorsOf([...new Set(types)]);
      const used = new Map<string, number>();
      for (const type of types) used.set(type, (used.get(type) ?? 0) + (each.get(type) ?? 0));
      return used;
    }),
    zones: once("Listing availability zones", async () => {
      const Filters = [
        { Name: "state", Values: ["available"] },
        { Name: "opt-in-status", Values: ["opt-in-not-required"] },
      ];
      const { AvailabilityZones = [] } = await clients.ec2.send(new ec2.DescribeAvailabilityZonesCommand({ Filters }));
      return AvailabilityZones.filter(({ ZoneId: id = "" }) => !refusedZones.includes(id))
        .sort(({ ZoneName: one = "" }, { ZoneName: other = "" }) => (one < other ? -1 : 1))
        .slice(0, 2);
    }),
    quota: (service, code) =>
      asked(`Asking for the quota ${code}`, async () => {
        const input = { ServiceCode: service, QuotaCode: code };
        const { Quota } = await clients.quotas
          .send(new quotas.GetServiceQuotaCommand(input))
          // One that nobody ever changed may be known by its default only.
          .catch((error: unknown) => {
            if (!(error instanceof quotas.NoSuchResourceException)) throw error;
            return clients.quotas.send(new quotas.GetAWSDefaultServiceQuotaCommand(input));
          });
        if (Quota?.Value === undefined)
          throw new SlipwayError(`AWS tells no value of the quota ${code} of ${service}.`, {
            next: "Look in the Service Quotas console.",
          });
        return Quota.Value;
      }),
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) (client as { destroy(): void }).destroy();
    },
  };
}

/** Asks AWS. @param doing what is tried, as in `Listing VPCs` @throws SlipwayError when AWS refuses */
export async function asked<T>(doing: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw awsFailure(doing, error);
  }
}

function once<T>(doing: string, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= asked(doing, ask));
}

async function all<P, T>(pages: AsyncIterable<P>, items: (page: P) => T[] | undefined): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...(items(page) ?? []));
  return found;
}
