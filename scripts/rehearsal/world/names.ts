import { Route53 } from "@aws-sdk/client-route-53";
import type { Emulator } from "../aws/emulator/emulator.ts";
import { type Authority } from "../cluster/certificates.ts";

/** The names of a world whose environment has a domain. */
export interface WorldNames {
  /** What the apps' names end in; a zone of the account. */
  readonly domain: string;
  readonly zoneId: string;
  /** The certificate that a visitor trusts, PEM. */
  readonly authority: string;
}

/** Makes the zone, as whoever owns the name does before there is an environment. */
export async function makeZone(
  { endpoint, credentials }: Emulator,
  region: string,
  domain: string,
  { certificate }: Authority,
): Promise<WorldNames> {
  const route53 = new Route53({ endpoint, region, credentials });
  try {
    const { HostedZone } = await route53.createHostedZone({ Name: domain, CallerReference: domain });
    return { domain, zoneId: HostedZone?.Id?.split("/").at(-1) ?? "", authority: certificate };
  } finally {
    route53.destroy();
  }
}
