import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { Counter, Gauge } from "prom-client";
import { WebSocketServer } from "ws";
import { comeBackAfter, endAt, Heartbeat, type LongLived, mostUnread } from "../events/long-lived.ts";
import { refuse } from "../http/connections.ts";
import { Problem } from "../http/problems.ts";
import type { Check } from "../service/health.ts";
import type { Logger } from "../service/logger.ts";
import type { Metrics } from "../service/metrics.ts";
import { closing, type ClosingCode } from "./closing.ts";
import type { SocketLimits } from "./limits.ts";
import { Socket, type SocketHandlers, type SocketOwner } from "./socket.ts";

/** What a service's WebSockets need. */
export interface SocketsOptions<Owner extends SocketOwner> {
  /** The only path that is upgraded, such as `/api/socket`. */
  path: string;
  /** Whose pages may open a socket, such as `https://chat.example.com`; those of the request's own host when left out. */
  origins?: readonly string[];
  /** Who is asking, before anything is opened. Undefined is a 401; a Problem that it throws is answered as it is. */
  authenticate: (request: IncomingMessage) => Promise<Owner | undefined> | Owner | undefined;
  onMessage: SocketHandlers<Owner>["onMessage"];
  onOpen?: (socket: Socket<Owner>) => void;
  onClose?: (socket: Socket<Owner>) => void;
  limits?: Partial<SocketLimits>;
  /** Milliseconds between two heartbeats; 15 s when left out. Who misses one is cut off at the next. */
  interval?: number;
  logger: Logger;
  metrics: Metrics;
}

const usual: SocketLimits = {
  messageBytes: 32_768,
  messagesPerSecond: 20,
  perPerson: 10,
  inAll: 5_000,
  unreadBytes: mostUnread,
};

/** The codes that are counted: ours, and the protocol's for a socket that ends well, is left, or breaks. */
const ownCodes: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006, ...Object.values(closing)]);

/**
 * The WebSockets of a service (npm ws): opened on one path, for pages of one's own, for people who are known; within limits,
 * with a heartbeat, and sent away in order at shutdown. Give it to `runService` as `sockets`.
 */
export class Sockets<Owner extends SocketOwner = SocketOwner> implements LongLived {
  readonly #options: SocketsOptions<Owner>;
  readonly #limits: SocketLimits;
  readonly #server: WebSocketServer;
  readonly #open = new Set<Socket<Owner>>();
  readonly #perPerson = new Map<string, number>();
  readonly #heartbeat: Heartbeat;
  readonly #count: {
    open: Gauge;
    messages: Counter<"direction">;
    closings: Counter<"code">;
    refused: Counter<"status">;
  };
  #ending = false;

  constructor(options: SocketsOptions<Owner>) {
    this.#options = options;
    this.#limits = { ...usual, ...options.limits };
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // Above the limit, whose breach is then said in words; beyond this ws closes with 1009 before it has the whole.
      maxPayload: this.#limits.messageBytes * 2,
    });
    this.#heartbeat = new Heartbeat(options.interval ?? 15_000, () => {
      for (const socket of this.#open) socket.beat();
    });
    const registers = [options.metrics.registry];
    this.#count = {
      open: new Gauge({ name: "sockets_open", help: "WebSockets that are open.", registers }),
      messages: new Counter({
        name: "socket_messages_total",
        help: "Messages by WebSocket, by direction: in, out.",
        labelNames: ["direction"],
        registers,
      }),
      closings: new Counter({
        name: "socket_closings_total",
        help: "WebSockets that closed, by code.",
        labelNames: ["code"],
        registers,
      }),
      refused: new Counter({
        name: "socket_refusals_total",
        help: "WebSockets that were not opened, by the status of the answer.",
        labelNames: ["status"],
        registers,
      }),
    };
  }

  get size(): number {
    return this.#open.size;
  }

  /** Those that are open. */
  [Symbol.iterator](): Iterator<Socket<Owner>> {
    return this.#open.values();
  }

  /** Fails when this replica has as many sockets as it may: an optional check of `Health`. */
  readonly check: Check = () =>
    this.size < this.#limits.inAll ? Promise.resolve() : Promise.reject(new Error("no room for more sockets"));

  /** Which upgrades are taken; others that callers offer (h2c) are ignored, as HTTP wants it. For `createServer`. */
  readonly shouldUpgradeCallback = ({ headers }: IncomingMessage): boolean =>
    headers.upgrade?.toLowerCase() === "websocket";

  /** Takes upgrades to WebSockets from a server. */
  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, connection: Duplex, head: Buffer) => {
      // Until ws has it, nobody else listens: a caller that leaves must not end the process.
      const onError = () => connection.destroy();
      connection.on("error", onError);
      this.#admit(request)
        .then((owner) => {
          if (connection.destroyed) return;
          this.#checkRoom(owner);
          connection.off("error", onError);
          this.#upgrade(request, connection, head, owner);
        })
        .catch((error: unknown) => this.#refuse(connection, error));
    });
  }

  /** Closes every socket of a session with 4401. */
  endSession(session: string): void {
    this.end(({ owner }) => owner.session === session, closing.sessionOver, "The session is over.");
  }

  /** Closes those that match. */
  end(matches: (socket: Socket<Owner>) => boolean, code: ClosingCode, reason?: string): void {
    for (const socket of this.#open) if (matches(socket)) socket.close(code, reason);
  }

  close(): void {
    this.#ending = true;
    for (const socket of this.#open) socket.close(closing.restart, JSON.stringify({ retryMs: comeBackAfter() }));
  }

  /** @throws Problem when the request may not become a socket */
  async #admit(request: IncomingMessage): Promise<Owner> {
    if (request.url?.split("?", 1)[0] !== this.#options.path) throw new Problem(404, "No WebSocket is here.");
    if (!this.#isOwnPage(request)) throw new Problem(403, "Pages of this origin may not open a WebSocket here.");
    const owner = await this.#options.authenticate(request);
    if (!owner) throw new Problem(401, "Nobody is signed in.");
    return owner;
  }

  /** Looks and opens in one step: many that come at once cannot all find the last place free. */
  #checkRoom(owner: Owner): void {
    if (this.#ending) throw new Problem(503, "The service ends here. Try again.", { retryAfter: 1 });
    const { perPerson, inAll } = this.#limits;
    if ((this.#perPerson.get(owner.person) ?? 0) >= perPerson)
      throw new Problem(429, `At most ${perPerson} WebSockets a person.`, { retryAfter: 30 });
    if (this.size >= inAll) throw new Problem(503, "There is no room for more WebSockets here.", { retryAfter: 1 });
  }

  /** Browsers name the page's origin with each upgrade, and no other rule stops a foreign page from opening a socket. */
  #isOwnPage({ headers: { origin, host } }: IncomingMessage): boolean {
    // No browser: whoever writes headers as he likes could write this one, too.
    if (origin === undefined) return true;
    return this.#options.origins?.includes(origin) ?? (host !== undefined && URL.parse(origin)?.host === host);
  }

  #refuse(connection: Duplex, error: unknown): void {
    const { logger } = this.#options;
    const problem = error instanceof Problem ? error : new Problem(500, "The service failed.");
    if (problem !== error) logger.error({ err: error }, "a socket could not be opened");
    this.#count.refused.inc({ status: String(problem.status) });
    if (connection.destroyed) return;
    refuse(connection, problem.status, problem.message, problem.retryAfter);
  }

  #upgrade(request: IncomingMessage, connection: Duplex, head: Buffer, owner: Owner): void {
    const { onMessage, onOpen, onClose, logger } = this.#options;
    this.#server.handleUpgrade(request, connection, head, (ws) => {
      const socket: Socket<Owner> = new Socket(ws, owner, this.#limits, {
        onMessage: (...message) => {
          this.#count.messages.inc({ direction: "in" });
          return onMessage(...message);
        },
        onSent: () => this.#count.messages.inc({ direction: "out" }),
        onFailure: (error) => logger.error({ err: error }, "a message could not be handled"),
      });
      this.#add(socket);
      const forgetEnd = endAt(owner.until, () => socket.close(closing.sessionOver, "The session is over."));
      // What breaks the protocol's rules is closed by ws, with its code.
      ws.on("error", (error) => logger.debug({ err: error }, "a socket broke"));
      ws.on("close", (code) => {
        forgetEnd();
        this.#remove(socket);
        // A caller that does not answer a closing leaves 1006 behind, whatever it was for. And callers may send any code:
        // as labels, they would make a series each.
        const counted = socket.closedWith ?? (ownCodes.has(code) ? code : "other");
        this.#count.closings.inc({ code: String(counted) });
        this.#tell(onClose, socket);
      });
      this.#tell(onOpen, socket);
    });
  }

  /** What the service makes of it must not end the process. */
  #tell(heard: ((socket: Socket<Owner>) => void) | undefined, socket: Socket<Owner>): void {
    try {
      heard?.(socket);
    } catch (error) {
      this.#options.logger.error({ err: error }, "a socket could not be followed");
      socket.close(closing.failed, "The service failed.");
    }
  }

  #add(socket: Socket<Owner>): void {
    const { person } = socket.owner;
    this.#open.add(socket);
    this.#perPerson.set(person, (this.#perPerson.get(person) ?? 0) + 1);
    this.#follow();
  }

  #remove(socket: Socket<Owner>): void {
    const { person } = socket.owner;
    this.#open.delete(socket);
    const left = (this.#perPerson.get(person) ?? 1) - 1;
    if (left === 0) this.#perPerson.delete(person);
    else this.#perPerson.set(person, left);
    this.#follow();
  }

  #follow(): void {
    this.#count.open.set(this.size);
    this.#heartbeat.follow(this.size);
  }
}
