import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { SlipwayError } from "../../actions/lib/errors.ts";

/**
 * Makes sure that an address is one of this machine's, so that a rehearsal can never reach a real service.
 *
 * @param what names the service in the error
 * @throws SlipwayError when the host is not known or one of its addresses is elsewhere
 */
export async function assertLocal(what: string, url: string): Promise<void> {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const own = new Set(Object.values(networkInterfaces()).flatMap((each) => each?.map(({ address }) => address) ?? []));
  const addresses = await lookup(host, { all: true }).catch(() => []);
  const elsewhere = addresses.find(({ address }) => !own.has(address) && !/^127\./.test(address));
  if (addresses.length > 0 && !elsewhere) return;
  throw new SlipwayError(
    `${what} would be reached at ${hostname}, which is ${elsewhere ? `${elsewhere.address}, not on this machine` : "not known"}.`,
    { next: "A rehearsal talks only to this machine; nothing was started.", reason: "not-local" },
  );
}
