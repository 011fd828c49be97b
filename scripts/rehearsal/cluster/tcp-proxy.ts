import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** Where connections are passed on to. */
export interface ProxyTarget {
  host: string;
  port: number;
}

/** How a proxy is started. */
export interface TcpProxyOptions {
  host: string;
  /** A free one when 0. */
  port: number;
  /** Asked for each connection. */
  target: () => Promise<ProxyTarget>;
  /** Ends TLS with this certificate, and passes on what was in it. */
  tls?: { key: string; cert: string } | undefined;
}

/** A listener that passes every connection on, byte for byte, in both directions. */
export interface TcpProxy {
  readonly host: string;
  readonly port: number;
  /** Closes the listener and all connections. Safe to call twice. */
  stop(): Promise<void>;
}

/** A target that does not answer is given up after this time, in milliseconds. */
const connectTimeout = 10_000;
/**
 * A connection without any byte is given up after this time.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout
 */
const idleTimeout = 350_000;
/** Connections that wait to be accepted; the system may allow less. */
const backlog = 4096;

/**
 * Starts a proxy. A connection is only kept when the target accepts one too; else it is reset, as a load balancer
 * without a healthy target does. Each side may end its half first.
 *
 * @throws the system's error when the port cannot be listened on, for example with the code EACCES
 */
export async function startTcpProxy({ host, port, target, tls }: TcpProxyOptions): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // What an error means for the other side, the close that follows it decides.
    socket.on("error", () => {});
    return socket;
  };
  const options = { allowHalfOpen: true, noDelay: true };
  const accept = (client: Socket) => {
    track(client);
    target().then(
      (found) => {
        if (client.destroyed) return;
        join(client, track(connect({ ...found, allowHalfOpen: true, noDelay: true })));
      },
      () => client.resetAndDestroy(),
    );
  };
  const server = tls ? createTlsServer({ ...options, ...tls }, accept) : createServer(options, accept);
  // What has not shaken hands yet is a connection, too.
  if (tls) server.on("connection", track);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog }, resolve);
  });
  return {
    host,
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function join(client: Socket, upstream: Socket): void {
  upstream.setTimeout(connectTimeout, () => upstream.destroy());
  upstream.once("connect", () => {
    upstream.setTimeout(idleTimeout);
    client.setTimeout(idleTimeout, () => client.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  });
  endTogether(client, upstream);
  endTogether(upstream, client);
}

/** A side that is gone without having sent and received everything takes the other one with it. */
function endTogether(one: Socket, other: Socket): void {
  one.once("close", (failed) => {
    if (failed || !one.readableEnded || !one.writableFinished) other.resetAndDestroy();
  });
}
