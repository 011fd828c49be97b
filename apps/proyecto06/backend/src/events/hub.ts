import { type DatabaseConfig, type EventStream, EventStreams, Listener, type Logger } from "@slipway/kit";
import type { Request, Response } from "express";
import type { Pool } from "pg";
import { channel, eventsAfter, lastEvent, type RunEvent } from "./repository.ts";

interface Reader {
  stream: EventStream;
  cursor: bigint;
}

/** What the hub works with. */
export interface HubParts {
  config: DatabaseConfig;
  pool: Pool;
  logger: Logger;
}

/**
 * Hands the events of all replicas on to those who watch at this one. PostgreSQL only says that there is something new;
 * what it is, is asked from a cursor, so that a notification that got lost costs time and no event.
 */
export class EventHub {
  readonly streams = new EventStreams({ onBeat: () => void this.#handOn() });
  readonly #parts: HubParts;
  readonly #readers = new Set<Reader>();
  #cursor: bigint | undefined;
  #listener: Listener | undefined;
  #busy = false;
  #again = false;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  /**
   * Opens a stream: first what its caller missed since its last event, then everything as it happens. From the answer's
   * head on nothing is missed, so that whoever reads the list after it has seen all.
   *
   * @param until when it ends at the latest
   */
  async open(request: Request, response: Response, until: Date): Promise<void> {
    const { config, logger, pool } = this.#parts;
    this.#listener ??= new Listener({
      config,
      logger,
      channel,
      on: { news: () => void this.#handOn(), connected: () => void this.#findPlace() },
    });
    const newest = await lastEvent(pool);
    this.#cursor ??= newest;
    const stream = this.streams.open(request, response, until);
    const { lastEventId: seen = "" } = stream;
    const reader = { stream, cursor: /^\d{1,18}$/.test(seen) ? BigInt(seen) : newest };
    // An id from the future: the database is another one now.
    if (reader.cursor > newest) reader.cursor = 0n;
    while (reader.cursor < this.#cursor && !stream.isClosed) {
      const handedOn = this.#cursor;
      const events = await eventsAfter(pool, reader.cursor);
      send(reader, events);
      // Where nothing follows, everything that the hub had handed on before the question has been seen.
      if (events.length === 0) reader.cursor = handedOn;
    }
    // Nothing runs between the loop's end and this: what the hub hands on from here, the reader gets, too.
    if (stream.isClosed) return;
    this.#readers.add(reader);
    void stream.closed.then(() => this.#readers.delete(reader));
    void this.#handOn();
  }

  /** Ends the connection to the database; the streams are the service's to end. */
  async end(): Promise<void> {
    await this.#listener?.end();
  }

  /** After a connection: goes on where it was, or where the database is now that it was restored from a backup. */
  async #findPlace(): Promise<void> {
    try {
      const newest = await lastEvent(this.#parts.pool);
      if (this.#cursor !== undefined && newest < this.#cursor) {
        this.#cursor = newest;
        for (const reader of this.#readers) reader.cursor = newest;
      }
    } catch (error) {
      this.#parts.logger.warn({ err: error }, "events could not be found");
    }
    await this.#handOn();
  }

  async #handOn(): Promise<void> {
    this.#again = true;
    if (this.#busy || this.#cursor === undefined) return;
    this.#busy = true;
    try {
      while (this.#again) {
        this.#again = false;
        const events = await eventsAfter(this.#parts.pool, this.#cursor);
        const last = events.at(-1);
        if (!last) continue;
        for (const reader of this.#readers) send(reader, events);
        this.#cursor = last.id;
        this.#again = true;
      }
    } catch (error) {
      // The next notification, connection or heartbeat asks again, from the same place.
      this.#parts.logger.warn({ err: error }, "events could not be read");
    } finally {
      this.#busy = false;
    }
  }
}

function send(reader: Reader, events: readonly RunEvent[]): void {
  for (const { id, summary } of events) {
    if (id <= reader.cursor) continue;
    reader.stream.send({ id: String(id), event: "delivery", data: summary });
    reader.cursor = id;
  }
}
