import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type {
  Delivery,
  DeliveryEvent,
  DeliverySummary,
  EnvironmentSummary,
  Measures,
  Page,
  ReceiptSummary,
  ConsoleSession,
  ConsoleSignInOptions,
} from "@slipway/contract";
import { deliveryOf, environmentsOf, type IdentifiedReceipt, receiptOf, receiptRowOf } from "./data.ts";
import { measuresOf } from "./measures.ts";

/** What a failed request is answered with: the kit's problem. */
export interface BackendProblem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  requestId?: string;
}

/** The console's backend inside a test: it says what the test wants, in the contract's types. */
export class BackendDouble implements AsyncDisposable {
  deliveries: Delivery[];
  receipts: IdentifiedReceipt[];
  environments: EnvironmentSummary[];
  session: ConsoleSession | null = {
    name: "A user who is signed in",
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    by: "oidc",
  };
  options: ConsoleSignInOptions = { issuer: "GitHub", oneTimeLink: true };
  /** Paths (by their beginning) that fail, and how. */
  readonly failing = new Map<string, BackendProblem>();
  /** Paths (by their beginning) that are answered when the promise says so. */
  readonly held = new Map<string, Promise<void>>();
  /** Every request's path and query, in order. */
  readonly requests: string[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly #events: string[] = [];
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor(now = Date.now()) {
    this.deliveries = Array.from({ length: 60 }, (_, index) => deliveryOf(index, now));
    this.receipts = [0, 1, 2, 3].map((n) =>
      receiptOf(`1720000000${n}-1`, n % 2 ? "preview" : "dev", now - (n * 5 + 1) * 86_400_000, n !== 1),
    );
    this.environments = environmentsOf(this.deliveries, this.receipts, now);
  }

  /** Listens on a free port of this machine; returns `host:port`. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Changes a delivery (or adds it) and tells everybody who watches. */
  change(delivery: Delivery): void {
    const at = this.deliveries.findIndex(({ id }) => id === delivery.id);
    if (at === -1) this.deliveries.unshift(delivery);
    else this.deliveries[at] = delivery;
    const data: DeliveryEvent = summaryOf(delivery);
    const event = `event: delivery\nid: ${this.#events.length + 1}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#events.push(event);
    for (const stream of this.#streams) stream.write(event);
  }

  /** How many watch. */
  get watchers(): number {
    return this.#streams.size;
  }

  /** Cuts the live connections. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await Promise.resolve();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://backend");
    this.requests.push(url.pathname + url.search);
    const under = <Value>(map: Map<string, Value>) => [...map].find(([path]) => url.pathname.startsWith(path))?.[1];
    await under(this.held);
    const problem = under(this.failing);
    if (problem) {
      send(response, problem.status, problem);
      return;
    }
    if (url.pathname === "/api/session/options") {
      send(response, 200, this.options);
      return;
    }
    if (!this.session) {
      send(response, 401, { type: "about:blank", title: "Unauthorized", status: 401 } satisfies BackendProblem);
      return;
    }
    if (url.pathname === "/api/events") {
      this.#watch(request, response);
      return;
    }
    const answer = request.method === "POST" ? this.#post(url) : this.#get(url);
    if (answer === undefined)
      send(response, 404, { type: "about:blank", title: "Not Found", status: 404 } satisfies BackendProblem);
    else send(response, answer === null ? 204 : 200, answer);
  }

  #watch(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(": connected\n\n");
    const seen = Number(request.headers["last-event-id"] ?? this.#events.length);
    for (const event of this.#events.slice(seen)) response.write(event);
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  #post(url: URL): null | undefined {
    if (url.pathname !== "/api/session/sign-out") return undefined;
    this.session = null;
    return null;
  }

  #get(url: URL): unknown {
    const query = url.searchParams;
    const id = decodeURIComponent(url.pathname.split("/")[3] ?? "");
    if (url.pathname === "/api/session") return this.session satisfies ConsoleSession | null;
    if (url.pathname === "/api/environments")
      return { items: this.environments } satisfies { items: EnvironmentSummary[] };
    if (url.pathname === "/api/measures")
      return measuresOf({
        environment: query.get("environment"),
        interval: (query.get("interval") ?? "week") as Measures["interval"],
        from: query.get("from") ?? "",
        to: query.get("to") ?? "",
      }) satisfies Measures;
    if (url.pathname === "/api/deliveries") return this.#page(query) satisfies Page<DeliverySummary>;
    if (url.pathname === "/api/receipts")
      return { items: this.receipts.map(receiptRowOf), next: null } satisfies Page<ReceiptSummary>;
    if (url.pathname.startsWith("/api/deliveries/"))
      return this.deliveries.find((each) => each.id === id) satisfies Delivery | undefined;
    if (url.pathname.startsWith("/api/receipts/"))
      return this.receipts.find((each) => each.id === id) satisfies IdentifiedReceipt | undefined;
    return undefined;
  }

  #page(query: URLSearchParams): Page<DeliverySummary> {
    const fits = ({ environment, outcome, kind, author, title, startedAt }: Delivery) =>
      (query.get("environment") ?? environment) === environment &&
      (query.get("outcome") ?? outcome) === outcome &&
      (query.get("kind") ?? kind) === kind &&
      (query.get("author") ?? author) === author &&
      title.toLowerCase().includes((query.get("search") ?? "").toLowerCase()) &&
      startedAt >= (query.get("from") ?? "") &&
      startedAt < (query.get("to") ?? "9");
    const all = this.deliveries.filter(fits);
    const start = Number(query.get("cursor") ?? 0);
    const end = start + Number(query.get("limit") ?? 25);
    return { items: all.slice(start, end).map(summaryOf), next: end < all.length ? String(end) : null };
  }
}

/** A delivery's row in the list. */
export function summaryOf(delivery: Delivery): DeliverySummary {
  const { stages: _stages, images: _images, release: _release, proof: _proof, receipt: _receipt, ...row } = delivery;
  return row;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" });
  response.end(body === null ? undefined : JSON.stringify(body));
}
