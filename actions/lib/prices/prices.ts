import { type PricedKind, pricePerHour } from "./table.ts";

export { describePrices, hoursPerMonth } from "./table.ts";

/** Something that AWS counts, and how much of it there is. */
export type Billable =
  | { kind: PricedKind; quantity: number }
  /** A spot machine's price changes all the time, and is never above the one on demand: that one is counted. */
  | { kind: "instance"; type: string; spot?: boolean; quantity: number }
  /** Gigabytes of a disk; what io1, io2 and a faster gp3 bill for their speed, and magnetic ones for requests, comes on top. */
  | { kind: "volume"; type: string; quantity: number };

/** What a unit is called. */
const names: Record<PricedKind, string> = {
  cluster: "EKS cluster",
  "cluster-extended-support": "EKS cluster in extended support",
  "nat-gateway": "NAT gateway",
  "public-address": "public IPv4 address",
  "vpc-endpoint": "VPC interface endpoint, zone",
  "network-load-balancer": "network load balancer",
  "application-load-balancer": "application load balancer",
  "gateway-load-balancer": "gateway load balancer",
  "classic-load-balancer": "classic load balancer",
  snapshot: "snapshots, GB",
  images: "images in ECR, GB",
  logs: "logs kept, GB",
  objects: "objects in S3, GB",
  key: "KMS key",
  secret: "secret",
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
 * Adds up what things cost while they are there; traffic, requests and incoming logs come on top.
 *
 * @param region what is not known of it is not guessed, but told of as unknown
 */
export function costOf(billables: readonly Billable[], region: string): Cost {
  const sums = new Map<string, CostLine>();
  for (const billable of billables) {
    const what = nameOf(billable);
    const perHour = pricePerHour(region, "type" in billable ? billable.type : billable.kind);
    const line = sums.get(what) ?? { what, quantity: 0 };
    line.quantity += billable.quantity;
    if (perHour !== undefined) line.perHour = perHour * line.quantity;
    sums.set(what, line);
  }
  const lines = [...sums.values()].filter(({ quantity }) => quantity > 0);
  return {
    lines,
    perHour: lines.reduce((sum, line) => sum + (line.perHour ?? 0), 0),
    unknown: lines.filter((line) => line.perHour === undefined).map(({ what }) => what),
  };
}

function nameOf(billable: Billable): string {
  if (billable.kind === "instance") return `${billable.type} instance${billable.spot ? ", spot, at most" : ""}`;
  return billable.kind === "volume" ? `${billable.type} volume, GB` : names[billable.kind];
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
