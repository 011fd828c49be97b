import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";

/**
 * Makes sure that an address is one of this machine's, so that a rehearsal can never reach a real service.
 *
 * @param what names the service in the error
 * @throws SlipwayError when the host is not known or one of its addresses is elsewhere
 */
export async function assertLocal(what: string, url: string): Promise<void> {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const addresses = await lookup(host, { all: true }).catch(() => []);
  const local = await Promise.all(addresses.map(({ address }) => isLocal(address)));
  const elsewhere = addresses.find((_, index) => !local[index]);
  if (addresses.length > 0 && !elsewhere) return;
  throw new SlipwayError(
    `${what} would be reached at ${hostname}, which is ${elsewhere ? `${elsewhere.address}, not on this machine` : "not known"}.`,
    { next: "A rehearsal talks only to this machine; nothing was started.", reason: "not-local" },
  );
}

/**
 * Whether an address is one of this machine's: then it is also where packets to it come from. Connecting a UDP socket
 * sends none. The list of Node.js leaves out devices that nothing is connected to, such as a Docker daemon's bridge
 * before its first container.
 */
async function isLocal(address: string): Promise<boolean> {
  if (/^127\./.test(address) || address === "::1") return true;
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(1, address, resolve);
    });
    return socket.address().address === address;
  } catch {
    return false; // no way leads there
  } finally {
    socket.close();
  }
}
