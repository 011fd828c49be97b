/** What AWS counts besides machines and disks, whose price hangs on their type. */
export type PricedKind =
  | "cluster"
  | "cluster-extended-support"
  | "nat-gateway"
  | "public-address"
  /** One with interfaces is billed for each of its zones. */
  | "vpc-endpoint"
  | "network-load-balancer"
  | "application-load-balancer"
  | "gateway-load-balancer"
  | "classic-load-balancer"
  /** Gigabytes; of images and snapshots, at most: what several share is counted for each. */
  | "images"
  | "snapshot"
  | "logs"
  | "objects"
  | "key"
  | "secret";

/**
 * US dollars an hour, on demand, before taxes; `?` where no public source that we could compare says it. The first line
 * names the regions, the second one the month in which the oldest of a region's prices was published.
 * https://aws.amazon.com/eks/pricing/, /vpc/pricing/, /privatelink/pricing/, /elasticloadbalancing/pricing/, and for
 * machines, with Linux, /ec2/pricing/on-demand/
 */
const hourly = `
                          us-east-1 us-east-2 us-west-2 eu-west-1 eu-central-1 eu-south-2 sa-east-1
as-of                     2026-01   2024-05   2025-11   2025-11   2025-11      2025-11    2025-11
cluster                   0.1       0.1       0.1       0.1       0.1          0.1        0.1
cluster-extended-support  0.6       0.6       0.6       0.6       0.6          0.6        0.6
nat-gateway               0.045     0.045     0.045     0.048     0.052        0.048      0.093
public-address            0.005     0.005     0.005     0.005     0.005        0.005      0.005
vpc-endpoint              0.01      0.01      0.01      0.011     0.012        0.011      0.021
network-load-balancer     0.0225    0.0225    ?         0.0252    ?            ?          ?
application-load-balancer 0.0225    0.0225    0.0225    0.0252    0.027        ?          0.034
gateway-load-balancer     0.0125    ?         ?         ?         ?            ?          ?
classic-load-balancer     0.025     ?         ?         0.028     ?            ?          ?
t3.micro                  0.0104    0.0104    0.0104    0.0114    0.012        0.0114     0.0168
t3.small                  0.0208    0.0208    0.0208    0.0228    0.024        0.0228     0.0336
t3.medium                 0.0416    0.0416    0.0416    0.0456    0.048        0.0456     0.0672
t3.large                  0.0832    0.0832    0.0832    0.0912    0.096        0.0912     0.1344
t3.xlarge                 0.1664    0.1664    0.1664    0.1824    0.192        0.1824     0.2688
t3.2xlarge                0.3328    0.3328    0.3328    0.3648    0.384        0.3648     0.5376
t3a.medium                0.0376    0.0376    0.0376    0.0408    0.0432       ?          0.0605
t3a.large                 0.0752    0.0752    0.0752    0.0816    0.0864       ?          0.121
t3a.xlarge                0.1504    0.1504    0.1504    0.1632    0.1728       ?          0.2419
m5.large                  0.096     0.096     0.096     0.107     0.115        0.107      0.153
m5.xlarge                 0.192     0.192     0.192     0.214     0.23         0.214      0.306
m6i.large                 0.096     0.096     0.096     0.107     0.115        ?          0.153
m6i.xlarge                0.192     0.192     0.192     0.214     0.23         ?          0.306
m7i.large                 0.1008    0.1008    0.1008    0.11235   0.12075      0.11235    0.16065
m7i.xlarge                0.2016    0.2016    0.2016    0.2247    0.2415       0.2247     0.3213
t4g.small                 0.0168    0.0168    0.0168    0.0184    0.0192       0.0184     0.0268
t4g.medium                0.0336    0.0336    0.0336    0.0368    0.0384       0.0368     0.0536
t4g.large                 0.0672    0.0672    0.0672    0.0736    0.0768       0.0736     0.1072
t4g.xlarge                0.1344    0.1344    0.1344    0.1472    0.1536       0.1472     0.2144
t4g.2xlarge               0.2688    0.2688    0.2688    0.2944    0.3072       0.2944     0.4288
m7g.medium                0.0408    0.0408    0.0408    0.0455    0.0489       0.0455     0.065
m7g.large                 0.0816    0.0816    0.0816    0.091     0.0978       0.0909     0.1301
m7g.xlarge                0.1632    0.1632    0.1632    0.1819    0.1955       0.1818     0.2601
m7g.2xlarge               0.3264    0.3264    0.3264    0.3638    0.391        0.3636     0.5202
`;

/**
 * The same, for a month. Of disks and what else is counted in gigabytes, for one gigabyte.
 * https://aws.amazon.com/ebs/pricing/ and, for magnetic disks ("standard"), /ebs/previous-generation/, /ecr/pricing/,
 * /cloudwatch/pricing/, /s3/pricing/, /kms/pricing/, /secrets-manager/pricing/
 */
const monthly = `
                          us-east-1 us-east-2 us-west-2 eu-west-1 eu-central-1 eu-south-2 sa-east-1
gp2                       0.1       ?         ?         0.11      ?            ?          ?
gp3                       0.08      0.08      0.08      0.088     0.0952       ?          0.152
io1                       0.125     ?         ?         ?         ?            ?          ?
io2                       0.125     ?         ?         ?         ?            ?          ?
st1                       0.045     ?         ?         ?         ?            ?          ?
sc1                       0.015     ?         ?         ?         ?            ?          ?
standard                  0.05      ?         ?         ?         ?            ?          ?
snapshot                  0.05      ?         0.05      0.05      0.054        ?          ?
images                    0.1       ?         ?         0.1       ?            ?          ?
logs                      0.03      0.03      0.03      0.03      0.0324       0.03       0.0408
objects                   0.023     0.023     0.023     0.023     0.0245       0.023      0.0405
key                       1         1         1         1         1            1          1
secret                    0.4       ?         ?         0.4       ?            ?          0.4
`;

/** What is billed by the month is spread over this many hours, as AWS does in its own examples. */
export const hoursPerMonth = 730;

/** Prices of one region. */
interface RegionPrices {
  /** `2025-11`: the month in which the oldest of them was published. */
  asOf: string;
  /** US dollars an hour of one unit, by its kind or its type, such as `key`, `t3.large` and `gp3`. */
  perHour: ReadonlyMap<string, number>;
}

/** The lines of a table, cell by cell. */
const cells = (table: string) =>
  table
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));

function read(): Map<string, RegionPrices> {
  const [names = [], [, ...dates] = [], ...byHour] = cells(hourly);
  const [, ...byMonth] = cells(monthly);
  const rows = [
    ...byHour.map(([name = "", ...prices]) => ({ name, prices, hours: 1 })),
    ...byMonth.map(([name = "", ...prices]) => ({ name, prices, hours: hoursPerMonth })),
  ];
  return new Map(
    names.map((region, column) => {
      const known = rows.flatMap(({ name, prices, hours }) => {
        const price = prices[column] ?? "?";
        return price === "?" ? [] : [[name, Number(price) / hours] as const];
      });
      return [region, { asOf: dates[column] ?? "?", perHour: new Map(known) }];
    }),
  );
}

const regions = read();

/** The regions that prices are known of. */
export const pricedRegions: readonly string[] = [...regions.keys()];

/**
 * The price of one unit for an hour, in US dollars.
 *
 * @param name a kind, or the type of a machine or a disk
 * @returns undefined where it is not known
 */
export function pricePerHour(region: string, name: string): number | undefined {
  return regions.get(region)?.perHour.get(name);
}

/** Of which prices a sum is made, as a sentence. */
export function describePrices(region: string): string {
  const known = regions.get(region);
  if (!known) return `No prices of ${region} are known here, only of ${pricedRegions.join(", ")}.`;
  return `Prices on demand in ${region} as of ${known.asOf}; traffic, requests and incoming logs come on top.`;
}
