import { Agent, createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../../actions/lib/core/errors.ts";
import { type AccountFacts, usualAccount } from "../facts/account-facts.ts";
import { type AwsResponse, writeError } from "./aws-errors.ts";
import { type AwsOperation, identify, namedInBody } from "./aws-operations.ts";
import { type FaultEffect, AwsFaults } from "./faults.ts";
import { AwsDay, type DayKind } from "../fidelity/day.ts";
import { close, listen } from "../../tools/listening.ts";
import type { DrainNodes } from "../node-drain.ts";
import type { OuterCluster } from "../outer-cluster.ts";
import { type AwsCall, Calls } from "../../permissions/calls.ts";
import { RegistryLogin } from "../registry-login.ts";
import { createPatches } from "../emulator/patches.ts";
import { type AwsRequest, concerns, type EmulatorPatch } from "../emulator/patch.ts";

/** How the proxy is started. */
export interface ProxyOptions {
  /** The emulator's address, for example `http://127.0.0.1:4566`. */
  upstream: string;
  /** The address that it listens on; 127.0.0.1 when left out, which Docker takes for a registry without TLS. */
  host?: string;
  /** The cluster that runs elsewhere than in the emulator, where there is one. */
  outer?: OuterCluster | undefined;
  /** Empties the nodes of a node group that is to go; they are taken for empty when left out. */
  drain?: DrainNodes | undefined;
  /** The names of the roles for which access keys stand, in a test that takes on no role. */
  sessions?: Readonly<Record<string, string>> | undefined;
  /** Whether AWS has a bad day; a usual one when left out. */
  day?: DayKind | undefined;
}

/** A request to AWS that the proxy has seen. */
export interface SeenRequest extends AwsOperation {
  /** When it came, in milliseconds since 1970. */
  at: number;
  /** What it was answered; undefined while it is not, and when its connection broke. */
  status: number | undefined;
  /** What a fault made of it. */
  fault: FaultEffect["effect"] | undefined;
  /** The name of the role that asked; undefined for whoever has none. */
  role: string | undefined;
}

/** A running proxy between AWS's clients and the emulator. */
export interface Proxy extends AsyncDisposable {
  /** What AWS_ENDPOINT_URL names, and the address of the image registry. */
  readonly endpoint: string;
  readonly faults: AwsFaults;
  /** What the account is: its quotas, what its zones offer, and the like. */
  readonly facts: AccountFacts;
  /** What AWS does and the emulator does not, as far as anybody has met it. */
  readonly day: AwsDay;
  /** The last 20,000 requests, the oldest first. */
  readonly requests: readonly SeenRequest[];
  /** How often each operation was asked for since the start or the last `forget`, for example under `eks:ListClusters`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Every call of a role since the start, each once; `forget` keeps them. */
  readonly calls: readonly AwsCall[];
  /** Empties `requests` and `counts`. */
  forget(): void;
  stop(): Promise<void>;
}

const kept = 20_000;

/** Headers that are about one connection and not about the request. */
const connectionHeaders = new Set(["connection", "keep-alive", "proxy-connection", "expect", "upgrade"]);

/**
 * Starts the proxy: it writes down which operation each request asks for, injects faults, puts right where the
 * emulator differs from AWS, and serves the image registry at its own address to those who have logged in.
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const host = options.host ?? "127.0.0.1";
  const agent = new Agent({ keepAlive: true, timeout: 30_000 });
  const seen = new SeenRequests();
  const faults = new AwsFaults();
  const server = createServer();
  // Clients keep connections for a while; one that we close first may break a request that is just being sent.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  const endpoint = `http://${host}:${await listen(server, host)}`;
  const login = new RegistryLogin(endpoint);
  const facts = usualAccount();
  const calls = new Calls(options.upstream, options.sessions);
  const day = new AwsDay(options.day);
  const patches = [...createPatches(login, options.upstream, options.outer, options.drain, facts, day), calls.patch()];
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    handle({ request, response, upstream: options.upstream, agent, seen, calls, faults, login, patches }).catch(
      (error: unknown) => {
        const refusal = `The emulator did not answer: ${messageOf(error)}`;
        if (response.headersSent) response.destroy();
        else response.writeHead(502, { "content-type": "text/plain" }).end(refusal);
      },
    );
  });
  const stop = async () => {
    await close(server);
    agent.destroy();
  };
  return {
    endpoint,
    faults,
    facts,
    day,
    requests: seen.requests,
    counts: seen.counts,
    get calls() {
      return calls.all;
    },
    forget: () => seen.forget(),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

class SeenRequests {
  readonly requests: SeenRequest[] = [];
  readonly counts = new Map<string, number>();

  add(operation: AwsOperation, role: string | undefined): SeenRequest {
    const entry = { ...operation, at: Date.now(), status: undefined, fault: undefined, role };
    this.requests.push(entry);
    if (this.requests.length > kept) this.requests.shift();
    const name = `${operation.service}:${operation.action}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return entry;
  }

  forget(): void {
    this.requests.length = 0;
    this.counts.clear();
  }
}

/** One request on its way, with all that the proxy has. */
interface Way {
  request: IncomingMessage;
  response: ServerResponse;
  upstream: string;
  agent: Agent;
  seen: SeenRequests;
  calls: Calls;
  faults: AwsFaults;
  login: RegistryLogin;
  patches: readonly EmulatorPatch[];
}

async function handle(way: Way): Promise<void> {
  const { request, response, faults, login } = way;
  const head = { method: request.method ?? "GET", url: request.url ?? "/", headers: request.headers };
  let body = namedInBody(head) ? await buffer(request) : undefined;
  const operation = await identify(head, body?.toString());
  if (!operation) {
    await forward(way, body);
    return;
  }

  const { role, roleArn } = way.calls.callerOf(request.headers);
  const entry = way.seen.add(operation, role);
  response.once("finish", () => (entry.status = response.statusCode));
  const patches = way.patches.filter((patch) => concerns(patch, operation));
  // Image layers and objects may be large and pass through as they come; everything else is small.
  const large = operation.service === "registry" || operation.service === "s3";
  if (!body && !large && (patches.length > 0 || role !== undefined || faults.concern(operation)))
    body = await buffer(request);
  const text = body?.toString() ?? "";
  const asked: AwsRequest = {
    operation,
    url: head.url,
    body: text,
    role,
    roleArn,
    agent: request.headers["user-agent"],
  };
  await way.calls.note(asked, patches);

  const fault = await faults.strike(operation, text);
  entry.fault = fault?.effect;
  if (fault?.effect === "error") {
    send(way, writeError(operation, fault.error));
    return;
  }
  if (fault?.effect === "delay") await sleep(fault.milliseconds);
  if (fault?.effect === "reset" && !fault.after) {
    request.socket.resetAndDestroy();
    return;
  }
  if (operation.service === "registry" && !login.accepts(request.headers.authorization)) {
    send(way, login.refusal(operation));
    return;
  }
  const lost = fault?.effect === "reset";
  if (patches.length === 0 && !lost) {
    await forward(way, body);
    return;
  }
  const answer = await patched(way, patches, asked, body);
  if (lost) request.socket.resetAndDestroy();
  else send(way, answer);
}

/** What AWS would answer. */
async function patched(
  way: Way,
  patches: readonly EmulatorPatch[],
  asked: AwsRequest,
  body: Buffer | undefined,
): Promise<AwsResponse> {
  for (const patch of patches) {
    const whole = await patch.answer?.(asked);
    if (whole) return whole;
  }
  for (const patch of patches) {
    const refusal = await patch.refuse?.(asked);
    if (refusal) return writeError(asked.operation, refusal);
  }
  const answered = await ask(way, body);
  let answer: AwsResponse = {
    status: answered.statusCode ?? 502,
    headers: wholeBodyHeaders(answered),
    body: await buffer(answered),
  };
  for (const patch of patches) answer = (await patch.rewrite?.({ ...asked, answer })) ?? answer;
  return answer;
}

/** Sends the request to the emulator as it came: with its Host, which is signed. */
async function ask({ request, upstream, agent }: Way, body: Buffer | undefined): Promise<IncomingMessage> {
  const { hostname, port } = new URL(upstream);
  const outgoing = httpRequest({
    hostname,
    port,
    agent,
    method: request.method,
    path: request.url,
    headers: passedOn(request.rawHeaders),
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
  });
  // An answer may come before the whole body is sent, for example a refusal.
  if (body) outgoing.end(body);
  else pipeline(request, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  return answered;
}

async function forward(way: Way, body: Buffer | undefined): Promise<void> {
  const answered = await ask(way, body);
  way.response.writeHead(answered.statusCode ?? 502, passedOn(answered.rawHeaders));
  await pipeline(answered, way.response);
}

function send({ request, response }: Way, { status, headers, body }: AwsResponse): void {
  // The rest of a body that nobody wants has to be read, or the client never gets to the answer.
  request.resume();
  const content = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": content.length }).end(content);
}

/** Names and values in turn, as Node gives and takes raw headers, without those of the connection. */
function passedOn(raw: readonly string[]): string[] {
  return raw.filter((_, index) => !connectionHeaders.has((raw[index - (index % 2)] ?? "").toLowerCase()));
}

/** An answer's headers, but for those that describe the very bytes of its body. */
function wholeBodyHeaders(answered: IncomingMessage): Record<string, string> {
  const raw = passedOn(answered.rawHeaders);
  const bytes = new Set(["content-length", "transfer-encoding", "x-amz-crc32", "content-encoding"]);
  const headers: Record<string, string> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = (raw[index] ?? "").toLowerCase();
    if (!bytes.has(name)) headers[name] = raw[index + 1] ?? "";
  }
  return headers;
}
