import type { Request, Response } from "express";
import { comeBackAfter, endAt, Heartbeat, type LongLived, mostUnread } from "./long-lived.ts";

/** One server-sent event: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export interface ServerEvent {
  id: string;
  event: string;
  /** Sent as JSON. */
  data: unknown;
}

/** A caller that reads events. */
export interface EventStream {
  /** The id of the last event that the caller has seen; undefined when this is a first visit. */
  readonly lastEventId: string | undefined;
  send(event: ServerEvent): void;
  /** Resolves when the caller has left, or was sent away. */
  readonly closed: Promise<unknown>;
  /** Whether it is. */
  readonly isClosed: boolean;
  close(): void;
}

/** The open event streams of a service: they get a heartbeat, and are ended at shutdown. */
export class EventStreams implements LongLived {
  readonly #open = new Set<Response>();
  readonly #heartbeat: Heartbeat;

  /** @param onBeat called at each heartbeat while a stream is open, for example to look for what was missed */
  constructor({ interval = 15_000, onBeat }: { interval?: number; onBeat?: () => void } = {}) {
    this.#heartbeat = new Heartbeat(interval, () => {
      // A comment: proxies end connections on which nothing goes on.
      for (const response of this.#open) write(response, ":\n\n");
      onBeat?.();
    });
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Turns an answer into a stream of events.
   *
   * @param until when it ends at the latest, for example with the caller's session
   */
  open(request: Request, response: Response, until?: Date): EventStream {
    response.writeHead(200, {
      "Content-Type": "text/event-stream",
      // no-transform: a proxy that compresses would hold events back.
      "Cache-Control": "no-store, no-transform",
      // nginx hands on what it has, at once: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering
      "X-Accel-Buffering": "no",
      // It ends with its stream, or a shutdown would wait for the next request on it.
      Connection: "close",
    });
    write(response, "retry: 2000\n\n");
    const closed = Promise.withResolvers<undefined>();
    this.#open.add(response);
    this.#heartbeat.follow(this.#open.size);
    const forgetEnd = endAt(until, () => response.end());
    response.on("close", () => {
      forgetEnd();
      this.#open.delete(response);
      this.#heartbeat.follow(this.#open.size);
      closed.resolve(undefined);
    });
    const given = request.headers["last-event-id"];
    return {
      lastEventId: typeof given === "string" && given !== "" ? given : undefined,
      closed: closed.promise,
      get isClosed() {
        return response.closed;
      },
      send: ({ id, event, data }) => write(response, `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      close: () => response.end(),
    };
  }

  /** Ends all, telling each caller to come back at a moment of its own. */
  close(): void {
    for (const response of this.#open) response.end(`retry: ${comeBackAfter()}\n\n`);
  }
}

function write(response: Response, text: string): void {
  if (response.writableEnded) return;
  response.write(text);
  if (response.writableLength > mostUnread) response.destroy();
}
