import http, { type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { type FailureDetails, messageOf, SlipwayError } from "../core/errors.ts";

/** How to reach a cluster's API server, and as whom. */
export interface ApiServerAccess {
  /** `https://host[:port][/path]`; `http://` without any authentication serves for development. */
  server: string;
  /** The certificate authority of the server, PEM. */
  certificateAuthority: string;
  /** Asked before each request, and once more when the server refuses what it gave; `""` sends none. */
  token: () => Promise<string>;
}

/** What the API server answered instead of success, or that it did not answer. */
export class KubernetesError extends SlipwayError {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Milliseconds that the server asks to wait before the next attempt. */
  readonly retryAfter: number | undefined;

  constructor(message: string, status: number, details: FailureDetails & { retryAfter?: number } = {}) {
    super(message, { ...advice(status), ...details });
    this.status = status;
    this.retryAfter = details.retryAfter;
  }

  /** Whether the same request may succeed a moment later. */
  get transient(): boolean {
    return this.reason === "cluster-unreachable";
  }
}

function advice(status: number): FailureDetails {
  if (status === 0 || status === 429 || status >= 500)
    return { reason: "cluster-unreachable", next: "Check whether the cluster is up and lets this address in." };
  if (status === 401 || status === 403)
    return { reason: "cluster-refused", next: "The identity needs an access entry of the cluster, and RBAC for this." };
  return { reason: "cluster-error" };
}

/** One request to the API server. */
export interface KubernetesRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** An API path, which may carry a query: that comes before `query`. */
  path: string;
  query?: Record<string, string>;
  body?: object;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** Milliseconds until the whole answer must be here. */
  deadline: number;
  /** Milliseconds in which a failed request may be begun again; 30,000 when left out. */
  patience?: number;
}

const patience = 30_000;
const longestPause = 2_000;

/** Sends requests to one API server over connections that are kept. */
export class KubernetesRequests {
  readonly #access: ApiServerAccess;
  readonly #server: URL;
  readonly #client: typeof http | typeof https;
  readonly #agent: http.Agent;

  /** @throws SlipwayError when the server's address is invalid */
  constructor(access: ApiServerAccess) {
    this.#access = access;
    if (!URL.canParse(access.server) || !/^https?:$/.test(new URL(access.server).protocol))
      throw new SlipwayError(`"${access.server}" is not the address of a Kubernetes API server.`, {
        next: "Allowed: https://host, with a port where it is not 443.",
      });
    this.#server = new URL(access.server);
    const secure = this.#server.protocol === "https:";
    this.#client = secure ? https : http;
    this.#agent = secure
      ? new https.Agent({ keepAlive: true, ca: access.certificateAuthority })
      : new http.Agent({ keepAlive: true });
  }

  /**
   * Sends a request and reads its answer. No answer, 429 and 5xx are tried again for a while, writes only where that
   * cannot do the same thing twice.
   *
   * @returns the body as text
   * @throws KubernetesError for every status that is not a success
   */
  async send(request: KubernetesRequest): Promise<string> {
    const end = Date.now() + (request.patience ?? patience);
    for (let pause = 100; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await readAll(await this.open(request), this.#describe(request));
      } catch (error) {
        if (!(error instanceof KubernetesError) || !mayRepeat(request, error)) throw error;
        const wait = error.retryAfter ?? pause * (0.5 + Math.random() / 2);
        if (Date.now() + wait > end || request.signal?.aborted) throw error;
        await sleep(wait, undefined, request.signal ? { signal: request.signal } : {}).catch(() => {
          throw error;
        });
      }
    }
  }

  /**
   * Sends a request once.
   *
   * @returns a successful answer whose body is still to be read; it fails when the deadline passes meanwhile
   * @throws KubernetesError for every status that is not a success
   */
  async open(request: KubernetesRequest): Promise<IncomingMessage> {
    const what = this.#describe(request);
    let response = await this.#once(request, what);
    if (response.statusCode === 401) {
      response.resume();
      response = await this.#once(request, what);
    }
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    const said = statusMessage(await readAll(response, what));
    const seconds = Number(response.headers["retry-after"]);
    throw new KubernetesError(
      `${what}: ${status}${said ? `, ${said}` : ""}.`,
      status,
      seconds > 0 ? { retryAfter: seconds * 1000 } : {},
    );
  }

  async #once(request: KubernetesRequest, what: string): Promise<IncomingMessage> {
    const token = await this.#access.token();
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const timeout = AbortSignal.timeout(request.deadline);
    const options: RequestOptions = {
      agent: this.#agent,
      method: request.method,
      signal: request.signal ? AbortSignal.any([request.signal, timeout]) : timeout,
      headers: {
        accept: "application/json",
        "user-agent": "slipway",
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined
          ? {}
          : { "content-type": request.contentType ?? "application/json", "content-length": Buffer.byteLength(body) }),
      },
    };
    return new Promise((resolve, reject) => {
      const sent = this.#client.request(this.#address(request), options, resolve);
      sent.on("socket", (socket) => socket.setKeepAlive(true, 15_000));
      sent.on("error", (error: NodeJS.ErrnoException) => {
        // The server had closed a kept connection before it read anything:
        // https://nodejs.org/docs/latest-v24.x/api/http.html#requestreusedsocket
        if (sent.reusedSocket && error.code === "ECONNRESET") resolve(this.#once(request, what));
        else reject(noAnswer(what, error));
      });
      sent.end(body);
    });
  }

  #address({ path, query = {} }: KubernetesRequest): URL {
    const url = new URL(this.#server.pathname.replace(/\/$/, "") + path, this.#server);
    for (const [name, value] of Object.entries(query))
      if (!url.searchParams.has(name)) url.searchParams.set(name, value);
    return url;
  }

  #describe({ method, path }: KubernetesRequest): string {
    return `${method} ${path.replace(/\?.*/, "")} at ${this.#server.host}`;
  }
}

/** 429 was never carried out, nor was what found nobody listening; the rest only where twice does what once does. */
function mayRepeat({ method, contentType }: KubernetesRequest, error: KubernetesError): boolean {
  if (!error.transient) return false;
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  if (error.status === 429 || code === "ECONNREFUSED" || code === "ENOTFOUND") return true;
  return method === "GET" || method === "DELETE" || (method === "PATCH" && contentType !== patchTypes.json);
}

/** The media types of patches. */
export const patchTypes = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
} as const;

/** Node's codes for a certificate that is not believed, which no second attempt changes. */
const distrust = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT)/;

/** The error for an answer that did not come, or not whole. */
export function noAnswer(what: string, cause: unknown): KubernetesError {
  const code = (cause as NodeJS.ErrnoException).code ?? "";
  const { cause: reason } = cause as Error;
  const late = reason instanceof Error && reason.name === "TimeoutError";
  return new KubernetesError(`${what}: ${late ? "no answer in time" : messageOf(cause) || code}.`, 0, {
    cause,
    ...(distrust.test(code)
      ? { reason: "cluster-untrusted", next: "The server's certificate must be of the given authority." }
      : {}),
  });
}

async function readAll(response: IncomingMessage, what: string): Promise<string> {
  const parts: Buffer[] = [];
  try {
    for await (const part of response) parts.push(part as Buffer);
  } catch (error) {
    throw noAnswer(what, error);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** The message of a Kubernetes Status, or a short text as it is: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function statusMessage(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    return typeof message === "string" ? message.trim().replace(/\.$/, "") : "";
  } catch {
    return body.trim().split("\n")[0]?.slice(0, 200) ?? "";
  }
}
