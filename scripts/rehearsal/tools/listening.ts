import { createServer, type AddressInfo, type Server } from "node:net";

/**
 * Lets a server listen on a port that the system chooses.
 *
 * @param host the address to listen on
 * @returns the port
 */
export async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

/** Stops a server, and the connections that an HTTP server still holds. Safe to call twice. */
export async function close(server: Server & { closeAllConnections?(): void }): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections?.();
  });
}

/** A TCP port of `host` that nobody listens on at this moment. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  const port = await listen(server, host);
  await close(server);
  return port;
}
