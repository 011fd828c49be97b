import { environmentOf } from "../config/config.ts";
import { clusterName } from "../kubernetes/cluster.ts";
import { type DoctorAccount, asked } from "./account.ts";
import { demandsIn } from "../prices/environment.ts";
import type { DoctorCheck, CheckResult, Subject } from "./finding.ts";

/** A quota of AWS, and what this configuration needs of it. */
interface Quota {
  id: string;
  title: string;
  /** As Service Quotas names the service, and the quota. */
  service: string;
  code: string;
  /** What is counted, in the plural. */
  what: string;
  /** What AWS says when it is reached. */
  error: RegExp;
  needs: (subject: Subject) => number | Promise<number>;
  /** How many there are that are not the environment's own. */
  used: (account: DoctorAccount, subject: Subject) => Promise<number>;
}

/** A NAT gateway in one zone, or in both. */
const gateways = ({ config, environment }: Subject): number =>
  environmentOf(config, environment).network.nat === "per-zone" ? 2 : 1;

/** https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html lists the codes, service by service. */
const quotas: readonly Quota[] = [
  {
    id: "quota-addresses",
    title: "quota of Elastic IP addresses",
    what: "Elastic IP addresses",
    service: "ec2",
    code: "L-0263D0A3",
    error: /AddressLimitExceeded/,
    needs: gateways,
    used: async ({ addresses, ours }) => (await addresses()).filter(({ Tags }) => !ours(Tags)).length,
  },
  {
    id: "quota-vpcs",
    title: "quota of VPCs",
    what: "VPCs",
    service: "vpc",
    code: "L-F678F1CE",
    error: /VpcLimitExceeded/,
    needs: () => 1,
    used: async ({ vpcs, ours }) => (await vpcs()).filter(({ Tags }) => !ours(Tags)).length,
  },
  {
    id: "quota-internet-gateways",
    title: "quota of internet gateways",
    what: "internet gateways",
    service: "vpc",
    code: "L-A4707A72",
    error: /InternetGatewayLimitExceeded/,
    needs: () => 1,
    used: async ({ internetGateways, ours }) => (await internetGateways()).filter(({ Tags }) => !ours(Tags)).length,
  },
  {
    id: "quota-nat-gateways",
    title: "quota of NAT gateways",
    what: "NAT gateways in one zone",
    service: "vpc",
    code: "L-FE5A380F",
    error: /NatGatewayLimitExceeded/,
    needs: () => 1,
    async used({ natGateways, zones, ours }, subject) {
      const inZones = (await zones()).slice(0, gateways(subject)).map(({ ZoneName }) => ZoneName);
      const others = (await natGateways()).filter(({ Tags }) => !ours(Tags));
      const zoneOf = await zonesOfSubnets(
        others.flatMap(({ SubnetId }) => SubnetId ?? []),
        subject,
      );
      const count = (zone: string | undefined) =>
        others.filter(({ SubnetId = "" }) => zoneOf.get(SubnetId) === zone).length;
      return Math.max(0, ...inZones.map(count));
    },
  },
  {
    id: "quota-clusters",
    title: "quota of EKS clusters",
    what: "EKS clusters",
    service: "eks",
    code: "L-1194D53C",
    error: /ResourceLimitExceeded|cluster limit/i,
    needs: () => 1,
    async used({ clusterNames }, { config, environment }) {
      const own = clusterName(config, environment);
      return (await clusterNames()).filter((name) => name !== own).length;
    },
  },
  {
    id: "quota-load-balancers",
    title: "quota of load balancers",
    what: "network load balancers",
    service: "elasticloadbalancing",
    code: "L-69A177A2",
    error: /TooManyLoadBalancers/,
    needs: async ({ directory, render }) => (await demandsIn(directory, render)).loadBalancers,
    async used({ loadBalancers, vpcs, ours }) {
      const own = (await vpcs()).filter(({ Tags }) => ours(Tags)).map(({ VpcId }) => VpcId);
      const network = (await loadBalancers()).filter(({ Type: type }) => type === "network");
      return network.filter(({ VpcId }) => !own.includes(VpcId)).length;
    },
  },
];

async function zonesOfSubnets(ids: readonly string[], subject: Subject): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { DescribeSubnetsCommand } = await import("@aws-sdk/client-ec2");
  const { clients } = await subject.account();
  const { Subnets = [] } = await asked("Looking at subnets", () =>
    clients.ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...new Set(ids)] })),
  );
  return new Map(Subnets.map(({ SubnetId = "", AvailabilityZone: zone = "" }) => [SubnetId, zone]));
}

function checkOf({ id, title, service, code, what, error, needs, used }: Quota): DoctorCheck {
  return {
    id,
    title,
    explains: error,
    async look(subject) {
      const account = await subject.account();
      const [may, has, wants] = await Promise.all([
        account.quota(service, code),
        used(account, subject),
        needs(subject),
      ]);
      return [judge({ service, code, what, may, has, wants }, subject)];
    },
  };
}

interface Numbers {
  service: string;
  code: string;
  what: string;
  /** What the quota allows, what others have of it, and what the environment needs. */
  may: number;
  has: number;
  wants: number;
}

function judge({ service, code, what, may, has, wants }: Numbers, { config, environment }: Subject): CheckResult {
  const { region } = config.aws;
  if (has + wants <= may)
    return { level: "ok", says: `${what}: ${environment} needs ${wants}, others use ${has}, ${may} are allowed.` };
  return {
    level: "blocks",
    says: `The account may have ${may} ${what} in ${region}; others use ${has}, and ${environment} needs ${wants}.`,
    next: `Remove what nobody uses, or ask AWS for more: ${increase(service, code, has + wants, region)}`,
  };
}

function increase(service: string, code: string, value: number, region: string): string {
  return (
    `aws service-quotas request-service-quota-increase --region ${region} --service-code ${service} ` +
    `--quota-code ${code} --desired-value ${value}`
  );
}

/**
 * The quotas of virtual processors on demand, by the first letters of an instance type's family; every other family counts
 * as standard. https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
const processorQuotas: readonly [family: RegExp, code: string][] = [
  [/^dl/, "L-6E869C2A"],
  [/^f\d/, "L-74FC7D96"],
  [/^(g|vt)\d/, "L-DB2E81BA"],
  [/^hpc/, "L-F7808C92"],
  [/^inf/, "L-1945791B"],
  [/^p\d/, "L-417A185B"],
  [/^trn/, "L-2C3B7624"],
  [/^u/, "L-43DA4232"],
  [/^x\d/, "L-7295265B"],
];
const standardProcessors = "L-1216C47A";

const quotaOf = (type: string) => processorQuotas.find(([family]) => family.test(type))?.[1] ?? standardProcessors;

/** The nodes' processors: as many as the environment starts with must fit, as many as it may grow to should. */
const processors: DoctorCheck = {
  id: "quota-vcpus",
  title: "quota of vCPUs",
  explains: /VcpuLimitExceeded|vCPU|AsgInstanceLaunchFailures|NodeCreationFailure|InsufficientInstanceCapacity/,
  async look(subject) {
    const account = await subject.account();
    const { types, desired, max } = environmentOf(subject.config, subject.environment).cluster.nodes;
    const [each, inUse] = await Promise.all([account.processorsOf(types), account.processorsInUse()]);
    const found = [...new Set(types.map(quotaOf))].map(async (code): Promise<CheckResult> => {
      const largest = Math.max(0, ...types.filter((type) => quotaOf(type) === code).map((type) => each.get(type) ?? 0));
      const used = [...inUse].filter(([type]) => quotaOf(type) === code);
      const has = used.reduce((sum, [, count]) => sum + count, 0);
      const may = await account.quota("ec2", code);
      const numbers = { service: "ec2", code, what: "vCPUs", may, has, wants: desired * largest };
      const start = judge(numbers, subject);
      const full = has + max * largest;
      if (start.level !== "ok" || full <= may) return start;
      return {
        level: "advice",
        says: `The account may have ${may} vCPUs (${code}), so ${subject.environment} cannot grow to its ${max} nodes: that takes ${full}.`,
        next: `Ask AWS for more: ${increase("ec2", code, full, subject.config.aws.region)}`,
      };
    });
    return Promise.all(found);
  },
};

/** What AWS lets an account have of each thing, against what the environment needs. */
export const quotaChecks: readonly DoctorCheck[] = [processors, ...quotas.map(checkOf)];
