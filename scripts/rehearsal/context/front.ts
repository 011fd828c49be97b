import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
  type ServerResponse,
} from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../../actions/lib/core/errors.ts";
import type { ApiServerAccess } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { close, listen } from "../tools/listening.ts";
import { ensureSystemPackages } from "../tools/system.ts";
import type { ApiSocket } from "./kubectl.ts";

/** Who asks, in Kubernetes' terms. */
export interface KubernetesUser {
  username: string;
  groups: readonly string[];
}

/** Says whose token it is; undefined for nobody's. */
export type Authenticate = (token: string) => Promise<KubernetesUser | undefined>;

/** The address at which EKS says that a cluster's API is. */
export interface Front extends AsyncDisposable {
  /** The API with the rights of the context's user, for the rehearsal itself. */
  readonly access: ApiServerAccess;
}

/** What `startFront` needs. */
export interface FrontOptions {
  /** The way to the context's API. */
  socket: ApiSocket;
  authenticate: Authenticate;
  /** A folder that nobody else may look into. */
  folder: string;
}

/**
 * Stands before a context's API as EKS' authenticator does: it takes a bearer token, asks whose it is, and passes the
 * request on in that one's name, by impersonation.
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 *
 * @throws SlipwayError when openssl is missing
 */
export async function startFront({ socket, authenticate, folder }: FrontOptions): Promise<Front> {
  const { key, certificate } = await makeCertificate(folder);
  const administrator = randomBytes(32).toString("hex");
  const admit: Admit = async (headers) => {
    const { authorization = "", ...rest } = headers;
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? "";
    if (token === administrator) return rest;
    const identity = token ? await authenticate(token) : undefined;
    if (!identity) return 401;
    // One name can be taken at a time, and whether this one may take another is not ours to say.
    if (Object.keys(rest).some((name) => name.startsWith("impersonate-"))) return 403;
    return { ...rest, "impersonate-user": identity.username, "impersonate-group": [...identity.groups] };
  };
  const server = createServer({ key, cert: certificate }, (request, response) => {
    pass(request, response, socket, admit).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 502, `The context does not answer: ${messageOf(error)}`);
    });
  });
  // Clients keep connections for a while; watches and logs go on as long as they like.
  server.keepAliveTimeout = 120_000;
  server.requestTimeout = 0;
  const upgraded = new Set<Duplex>();
  server.on("upgrade", (request: IncomingMessage, client: Duplex, head: Buffer) => {
    upgraded.add(client);
    client.on("close", () => upgraded.delete(client)).on("error", () => client.destroy());
    upgrade(request, client, head, socket, admit).catch(() => client.destroy());
  });
  const port = await listen(server);
  const token = () => Promise.resolve(administrator);
  return {
    access: { server: `https://127.0.0.1:${port}`, certificateAuthority: certificate, token },
    async [Symbol.asyncDispose]() {
      for (const each of upgraded) each.destroy();
      await close(server);
    },
  };
}

/** A certificate that is its own authority. */
async function makeCertificate(folder: string): Promise<{ key: string; certificate: string }> {
  const { openssl } = await ensureSystemPackages(["openssl"]);
  const [keyFile, file] = [join(folder, "front.key"), join(folder, "front.crt")];
  const form = ["-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=slipway-rehearsal"];
  const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
  await run(openssl, ["req", "-x509", ...form, ...names, "-keyout", keyFile, "-out", file]);
  return { key: await readFile(keyFile, "utf8"), certificate: await readFile(file, "utf8") };
}

/** The headers to pass on; an HTTP status when the request is refused. */
type Admit = (headers: IncomingHttpHeaders) => Promise<OutgoingHttpHeaders | 401 | 403>;

async function pass(request: IncomingMessage, response: ServerResponse, socket: ApiSocket, admit: Admit) {
  const headers = await admit(request.headers);
  if (typeof headers === "number") {
    refuse(response, headers, headers === 401 ? "Unauthorized" : "impersonation does not work through this address");
    return;
  }
  const { method, url: path } = request;
  const outgoing = httpRequest({ socketPath: await socket.path(), method, path, headers: endToEnd(headers) });
  // Whoever goes away ends a watch, also one that has not been answered yet.
  response.on("close", () => outgoing.destroy());
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
  });
  pipeline(request, outgoing).catch(() => outgoing.destroy());
  const answer = await answered;
  response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
  // A watch's head must not wait for its first event.
  response.flushHeaders();
  await pipeline(answer, response);
}

/** exec, attach and port-forward, which leave HTTP after their first request. */
async function upgrade(request: IncomingMessage, client: Duplex, head: Buffer, socket: ApiSocket, admit: Admit) {
  const headers = await admit(request.headers);
  if (typeof headers === "number") {
    client.end(`HTTP/1.1 ${headers} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    return;
  }
  const { method, url: path } = request;
  const outgoing = httpRequest({ socketPath: await socket.path(), method, path, headers });
  client.on("close", () => outgoing.destroy());
  const headOf = ({ statusCode, statusMessage, rawHeaders }: IncomingMessage) => {
    const lines = rawHeaders.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${rawHeaders[index + 1] ?? ""}`]));
    return `HTTP/1.1 ${statusCode ?? 502} ${statusMessage ?? ""}\r\n${lines.join("\r\n")}\r\n\r\n`;
  };
  outgoing.once("error", () => client.destroy());
  outgoing.once("upgrade", (answer, server: Duplex, first: Buffer) => {
    client.write(headOf(answer));
    client.write(first);
    server.write(head);
    server.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => server.destroy());
    server.pipe(client).pipe(server);
  });
  outgoing.once("response", (answer) => {
    // Refused: the answer ends with the connection.
    client.write(headOf(answer).replace(/^transfer-encoding:.*\r\n/im, ""));
    answer.pipe(client);
  });
  outgoing.end();
}

/** Headers that are about one connection and not about the request. */
const connectionHeaders = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

function endToEnd(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionHeaders.has(name)));
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
function refuse(response: ServerResponse, code: number, message: string): void {
  const body = JSON.stringify({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code });
  response.writeHead(code, { "content-type": "application/json" }).end(body);
}
