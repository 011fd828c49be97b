import { once } from "node:events";
import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ProblemBody, problemType } from "./problems.ts";

/** A server's open connections, each with the last answer that was begun on it. */
export type Connections = ReadonlyMap<Socket, ServerResponse | undefined>;

/** Follows the connections of a server. */
export function connectionsOf(server: Server): Connections {
  const connections = new Map<Socket, ServerResponse | undefined>();
  server.on("connection", (socket: Socket) => {
    connections.set(socket, undefined);
    socket.on("close", () => connections.delete(socket));
  });
  server.on("request", ({ socket }, response) => connections.set(socket, response));
  return connections;
}

/** How often, in milliseconds, a closing server looks for connections on which nothing goes on, and believes it twice. */
const sweepInterval = 500;

/**
 * Resolves when the last open request is answered. Node's own `closeIdleConnections` neither looks again, when a kept
 * connection is answered later, nor takes a connection for idle on which nothing ever came (a browser's or balancer's, in
 * stock): either would hold the server up for as long as its caller likes.
 */
export async function closeServer(server: Server, connections: Connections): Promise<void> {
  const closed = once(server, "close");
  server.close();
  let before: Connections = new Map();
  const sweep = setInterval(() => {
    const idle = new Map([...connections].filter(([, response]) => response?.closed ?? true));
    // Idle twice with nothing between: a request that is on its way on a new connection has had the time to come.
    for (const [socket, response] of idle)
      if (before.has(socket) && before.get(socket) === response) socket.destroySoon();
    before = idle;
  }, sweepInterval);
  await closed;
  clearInterval(sweep);
}

/** What Node refuses with another status than 400: https://nodejs.org/api/http.html#event-clienterror */
const refusals: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers with a problem, as everything else does, what is not a request that could be read. By itself Node says nothing. */
export function answerUnreadable(server: Server, connections: Connections): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    const begun = connections.get(socket);
    if (!socket.writable || (begun?.headersSent && !begun.closed)) {
      socket.destroy();
      return;
    }
    refuse(socket, refusals[error.code ?? ""] ?? 400);
  });
}

/**
 * Answers with a problem on a connection that Express does not serve, and closes it.
 *
 * @param retryAfter seconds after which trying again makes sense
 */
export function refuse(socket: Duplex, status: number, detail?: string, retryAfter?: number): void {
  const title = STATUS_CODES[status] ?? "Bad Request";
  const body = JSON.stringify({ type: "about:blank", title, status, ...(detail && { detail }) } satisfies ProblemBody);
  const head = [`HTTP/1.1 ${status} ${title}`, `Content-Type: ${problemType}`];
  head.push(`Content-Length: ${Buffer.byteLength(body)}`, "Connection: close");
  if (retryAfter !== undefined) head.push(`Retry-After: ${retryAfter}`);
  socket.end([...head, "", body].join("\r\n"));
}
