import type { RawData, WebSocket } from "ws";
import { closing, type ClosingCode } from "./closing.ts";
import { PerSecond, type SocketLimits } from "./limits.ts";

/** How long a caller has to answer a closing before its connection is cut. */
const closeTimeout = 5_000;

/** Who a socket belongs to, as found before it was opened. */
export interface SocketOwner {
  /** Whose sockets are counted together. */
  person: string;
  /** The session that it ends with; see `Sockets.endSession`. */
  session?: string;
  /** When it ends at the latest. */
  until?: Date;
}

/** What a socket does with what comes. */
export interface SocketHandlers<Owner extends SocketOwner> {
  /** Takes one message after the other, in order. What it throws is logged and closes the socket with 1011. */
  onMessage: (socket: Socket<Owner>, text: string) => void | Promise<void>;
  /** Called for each message that is sent. */
  onSent: () => void;
  onFailure: (error: unknown) => void;
}

/** An open WebSocket: text, in order, within its limits. */
export class Socket<Owner extends SocketOwner = SocketOwner> {
  readonly owner: Owner;
  readonly #ws: WebSocket;
  readonly #limits: SocketLimits;
  readonly #rate: PerSecond;
  readonly #handlers: SocketHandlers<Owner>;
  /** With what it was closed from here; undefined while it was not. */
  closedWith: ClosingCode | undefined;
  #waiting = 0;
  #turn: Promise<void> = Promise.resolve();
  #answered = true;

  constructor(ws: WebSocket, owner: Owner, limits: SocketLimits, handlers: SocketHandlers<Owner>) {
    this.#ws = ws;
    this.owner = owner;
    this.#limits = limits;
    this.#rate = new PerSecond(limits.messagesPerSecond);
    this.#handlers = handlers;
    ws.on("pong", () => (this.#answered = true));
    ws.on("message", (data, isBinary) => this.#take(data, isBinary));
  }

  /** Whether it can still be sent to. */
  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  /** Sends text. A caller that does not read is closed with 4408; one that has left gets nothing. */
  send(text: string): void {
    if (!this.isOpen) return;
    this.#ws.send(text);
    this.#handlers.onSent();
    if (this.#ws.bufferedAmount > this.#limits.unreadBytes) this.close(closing.tooSlow, "Too much waits to be read.");
  }

  /** Closes it. @param reason at most 123 bytes */
  close(code: ClosingCode, reason = ""): void {
    if (!this.isOpen) return;
    this.closedWith = code;
    this.#ws.close(code, reason);
    const timer = setTimeout(() => this.#ws.terminate(), closeTimeout).unref();
    this.#ws.once("close", () => clearTimeout(timer));
  }

  /** Asks whether the caller is still there, and cuts off one that has not answered since the last time. */
  beat(): void {
    if (!this.#answered) {
      this.#ws.terminate();
      return;
    }
    this.#answered = false;
    this.#ws.ping();
  }

  #take(data: RawData, isBinary: boolean): void {
    if (!this.isOpen) return;
    const { messageBytes, messagesPerSecond } = this.#limits;
    // "nodebuffer" is ws's default: what comes is one Buffer.
    const bytes = data as Buffer;
    if (isBinary) this.close(closing.notText, "Only text is taken.");
    else if (bytes.length > messageBytes) this.close(closing.tooBig, `A message has at most ${messageBytes} bytes.`);
    else if (!this.#rate.take() || this.#waiting >= messagesPerSecond)
      this.close(closing.tooMany, `At most ${messagesPerSecond} messages a second.`);
    else {
      this.#waiting += 1;
      this.#turn = this.#turn.then(() => this.#handle(bytes.toString()));
    }
  }

  async #handle(text: string): Promise<void> {
    try {
      // What came before it was closed for a reason is not taken any more.
      if (this.isOpen) await this.#handlers.onMessage(this, text);
    } catch (error) {
      this.#handlers.onFailure(error);
      this.close(closing.failed, "The service failed.");
    } finally {
      this.#waiting -= 1;
    }
  }
}
