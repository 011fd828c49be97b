import * as z from "zod";

/**
 * A name's labels, without a dot at its end: https://www.rfc-editor.org/rfc/rfc1035#section-2.3.1. The first name of a
 * certificate, "*." and this, has at most 64 characters:
 * https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html#ACM-RequestCertificate-request-DomainName
 */
const pattern = /^(?=.{4,62}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** The name of a hosted zone, or one below it. */
export const domainName = z
  .string()
  .regex(pattern, "use a name of at most 62 lower-case letters, digits, hyphens and dots, such as dev.example.com");

/** What an environment says of its names, both as in slipway.yaml. */
export interface DomainNames {
  domain?: string | undefined;
  zone?: string | undefined;
}

/** The hosted zone that an environment's names are in; undefined for one without names. */
export const zoneOf = ({ domain, zone }: DomainNames): string | undefined => domain && (zone ?? domain);

/** Where an app answers. */
export const hostOf = (app: string, domain: string): string => `${app}.${domain}`;

/**
 * Why two names or zones do not go together.
 *
 * @param all every environment's, by its name
 * @returns the problem, the environment and the key of slipway.yaml that it is about
 */
export function problemsOfNames(all: Readonly<Record<string, DomainNames>>) {
  const owners = new Map<string, string>();
  return Object.entries(all).flatMap(([environment, { domain, zone }]) => {
    const problem = (key: "domain" | "zone", message: string) => ({ environment, key, message });
    if (domain === undefined)
      return zone === undefined ? [] : [problem("zone", "a zone serves only with a domain in it; add domain")];
    const other = owners.get(domain);
    owners.set(domain, other ?? environment);
    if (other !== undefined)
      return [
        problem(
          "domain",
          `${domain} is the domain of ${other}, too; give each its own, such as ${environment}.${domain}`,
        ),
      ];
    const inside = zone === undefined || domain === zone || domain.endsWith(`.${zone}`);
    return inside ? [] : [problem("zone", `${domain} is not in ${zone}; name the hosted zone that ends it`)];
  });
}
