/** When AWS's price pages said what is below. */
export const pricesOf = "2026-04";

/** The one region that the prices hold for; on demand, before taxes, in US dollars. */
export const pricesFor = "us-east-1";

/** Something that AWS counts, and how much of it there is. */
export type Billable =
  | { kind: "instance"; type: string; quantity: number }
  /** Gigabytes of a disk; what io1, io2 and a faster gp3 bill for their speed, and magnetic ones for requests, comes on top. */
  | { kind: "volume"; type: string; quantity: number }
  /** Gigabytes; of images and snapshots, at most: what several share is counted for each. */
  | { kind: "images" | "snapshot" | "logs" | "objects"; quantity: number }
  | {
      kind:
        | "cluster"
        | "cluster-extended-support"
        | "nat-gateway"
        | "public-address"
        | "network-load-balancer"
        | "application-load-balancer"
        | "gateway-load-balancer"
        | "classic-load-balancer"
        | "key"
        | "secret";
      quantity: number;
    }
  /** One with interfaces is billed for each of its zones. */
  | { kind: "vpc-endpoint"; quantity: number };

/** What is billed by the month is spread over this many hours, as AWS does in its own examples. */
export const hoursPerMonth = 730;

/** A price of one unit for an hour. */
interface Price {
  /** What the unit is called. */
  name: string;
  perHour: number;
}

/**
 * What is billed by the month is spread over its hours.
 * https://aws.amazon.com/eks/pricing/, /vpc/pricing/, /privatelink/pricing/, /elasticloadbalancing/pricing/, /ebs/pricing/,
 * /ecr/pricing/, /cloudwatch/pricing/, /s3/pricing/, /kms/pricing/, /secrets-manager/pricing/
 */
const prices: Record<Exclude<Billable["kind"], "instance" | "volume">, Price> = {
  cluster: { name: "EKS cluster", perHour: 0.1 },
  "cluster-extended-support": { name: "EKS cluster in extended support", perHour: 0.6 },
  "nat-gateway": { name: "NAT gateway", perHour: 0.045 },
  "public-address": { name: "public IPv4 address", perHour: 0.005 },
  "vpc-endpoint": { name: "VPC interface endpoint, zone", perHour: 0.01 },
  "network-load-balancer": { name: "network load balancer", perHour: 0.0225 },
  "application-load-balancer": { name: "application load balancer", perHour: 0.0225 },
  "gateway-load-balancer": { name: "gateway load balancer", perHour: 0.0125 },
  "classic-load-balancer": { name: "classic load balancer", perHour: 0.025 },
  snapshot: { name: "snapshots, GB", perHour: 0.05 / hoursPerMonth },
  images: { name: "images in ECR, GB", perHour: 0.1 / hoursPerMonth },
  logs: { name: "logs kept, GB", perHour: 0.03 / hoursPerMonth },
  objects: { name: "objects in S3, GB", perHour: 0.023 / hoursPerMonth },
  key: { name: "KMS key", perHour: 1 / hoursPerMonth },
  secret: { name: "secret", perHour: 0.4 / hoursPerMonth },
};

/** A gigabyte of a disk for a month, https://aws.amazon.com/ebs/pricing/ and, for magnetic ones, /ebs/previous-generation/ */
const volumes: Readonly<Record<string, number>> = {
  gp2: 0.1,
  gp3: 0.08,
  io1: 0.125,
  io2: 0.125,
  st1: 0.045,
  sc1: 0.015,
  standard: 0.05,
};

/** Linux, https://aws.amazon.com/ec2/pricing/on-demand/ */
const instances: Readonly<Record<string, number>> = {
  "t3.small": 0.0208,
  "t3.medium": 0.0416,
  "t3.large": 0.0832,
  "t3.xlarge": 0.1664,
  "t3.2xlarge": 0.3328,
  "t3a.medium": 0.0376,
  "t3a.large": 0.0752,
  "t3a.xlarge": 0.1504,
  "m5.large": 0.096,
  "m5.xlarge": 0.192,
  "m6i.large": 0.096,
  "m6i.xlarge": 0.192,
};

/** One kind of thing that costs. */
export interface CostLine {
  what: string;
  quantity: number;
  /** US dollars an hour for all of it; absent where the price is not known. */
  perHour?: number;
}

/** What something costs. */
export interface Cost {
  lines: CostLine[];
  /** US dollars an hour, of everything whose price is known. */
  perHour: number;
  /** What the sum leaves out because its price is not known here. */
  unknown: string[];
}

/**
 * Adds up what things cost while they are there; traffic, requests and logs come on top.
 *
 * @param region prices of another one than `pricesFor` are not guessed, but told of as unknown
 */
export function costOf(billables: readonly Billable[], region: string): Cost {
  const sums = new Map<string, CostLine>();
  for (const billable of billables) {
    const { name, perHour } = priceOf(billable, region);
    const line = sums.get(name) ?? { what: name, quantity: 0 };
    line.quantity += billable.quantity;
    if (perHour !== undefined) line.perHour = perHour * line.quantity;
    sums.set(name, line);
  }
  const lines = [...sums.values()].filter(({ quantity }) => quantity > 0);
  return {
    lines,
    perHour: lines.reduce((sum, line) => sum + (line.perHour ?? 0), 0),
    unknown: lines.filter((line) => line.perHour === undefined).map(({ what }) => what),
  };
}

function priceOf(billable: Billable, region: string): { name: string; perHour: number | undefined } {
  const known = listPrice(billable);
  return region === pricesFor ? known : { ...known, perHour: undefined };
}

function listPrice(billable: Billable): { name: string; perHour: number | undefined } {
  if (billable.kind === "instance") return { name: `${billable.type} instance`, perHour: instances[billable.type] };
  if (billable.kind !== "volume") return prices[billable.kind];
  const perMonth = volumes[billable.type];
  return {
    name: `${billable.type} volume, GB`,
    perHour: perMonth === undefined ? undefined : perMonth / hoursPerMonth,
  };
}

/** What something has cost so far, about. */
export interface CostToDate {
  /** Since when, ISO 8601. */
  since: string;
  hours: number;
  /**
   * US dollars, at the present rate for all of the time; what was there only for a while is not known, and an hour that
   * has begun, which AWS bills as a whole for gateways and load balancers, counts for its minutes.
   */
  usd: number;
}

/**
 * Estimates what has been spent.
 *
 * @param sinces when the things were made; it counts from the oldest
 * @returns undefined when nothing is known to be there
 */
export function costToDate({ perHour }: Cost, sinces: readonly string[], now: Date): CostToDate | undefined {
  const [since] = sinces.toSorted();
  if (since === undefined) return undefined;
  const hours = Math.max(0, now.getTime() - Date.parse(since)) / (60 * 60 * 1000);
  return { since, hours, usd: hours * perHour };
}
