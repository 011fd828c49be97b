import type { Request, Response } from "express";

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

/** What a caller may be behind, in bytes: one that does not read is cut off and resumes where it was. */
const mostUnread = 1 << 20;

/** The open event streams of a service: they get a heartbeat, and are ended at shutdown. */
export class EventStreams {
  readonly #open = new Set<Response>();
  #heartbeat: NodeJS.Timeout | undefined;
  readonly #beat: () => void;
  readonly #interval: number;

  /** @param onBeat called at each heartbeat while a stream is open, for example to look for what was missed */
  constructor({ interval = 15_000, onBeat }: { interval?: number; onBeat?: () => void } = {}) {
    this.#interval = interval;
    this.#beat = () => {
      // A comment: proxies end connections on which nothing goes on.
      for (const response of this.#open) write(response, ":\n\n");
      onBeat?.();
    };
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
    this.#heartbeat ??= setInterval(this.#beat, this.#interval).unref();
    const timer = until && setTimeout(() => response.end(), Math.min(until.getTime() - Date.now(), 0x7fffffff));
    response.on("close", () => {
      clearTimeout(timer);
      this.#open.delete(response);
      if (this.#open.size === 0) {
        clearInterval(this.#heartbeat);
        this.#heartbeat = undefined;
      }
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
    for (const response of this.#open) response.end(`retry: ${Math.round(500 + Math.random() * 2_500)}\n\n`);
  }
}

function write(response: Response, text: string): void {
  if (response.writableEnded) return;
  response.write(text);
  if (response.writableLength > mostUnread) response.destroy();
}
