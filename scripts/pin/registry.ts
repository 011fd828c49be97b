import { createHash } from "node:crypto";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** https://distribution.github.io/distribution/spec/manifest-v2-2/ and the OCI image specification, indexes first. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const PATIENCE = 20_000;
const MOST_REDIRECTS = 5;

/** An image's name as a registry wants it. */
interface ImageReference {
  /** Host and port. */
  registry: string;
  repository: string;
  tag: string;
}

/** https://github.com/distribution/reference: what has no registry's address is an image of Docker Hub. */
function parseReference(image: string): ImageReference {
  const [, name = image, tag = "latest"] = /^(.+?)(?::([\w.-]+))?$/.exec(image) ?? [];
  const [first = "", ...rest] = name.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (isHost && !/^(index\.)?docker\.io$/.test(first)) return { registry: first, repository: rest.join("/"), tag };
  const path = isHost ? rest : [first, ...rest];
  return {
    registry: "registry-1.docker.io",
    repository: path.length === 1 ? `library/${path[0]}` : path.join("/"),
    tag,
  };
}

/**
 * Asks an image's registry, without any secret, which digest its tag means now. For an image of several platforms it is
 * that of their index.
 *
 * @param image a name with a tag and without a digest, for example `node:24.1.0-bookworm-slim`
 * @returns `sha256:` and 64 hexadecimal digits
 * @throws SlipwayError in one line, when the registry cannot be reached, does not have it, or wants a login
 */
export async function lookUpDigest(image: string): Promise<string> {
  const { registry, repository, tag } = parseReference(image);
  const scheme = isLoopback(new URL(`http://${registry}`)) ? "http" : "https";
  const url = new URL(`${scheme}://${registry}/v2/${repository}/manifests/${tag}`);
  const headers = new Headers({ accept: MANIFESTS });
  let answer = await ask(url, "HEAD", headers);
  if (answer.status === 401) {
    const token = await anonymousToken(answer.headers.get("www-authenticate") ?? "", registry, repository);
    headers.set("authorization", `Bearer ${token}`);
    answer = await ask(url, "HEAD", headers);
  }
  if (answer.status === 404) throw new SlipwayError(`${registry} has no ${repository}:${tag}.`);
  if (!answer.ok) throw refusal(registry, answer.status);
  const digest = answer.headers.get("docker-content-digest") ?? (await digestOfBody(url, headers, registry));
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new SlipwayError(`${registry} answers with an invalid digest.`);
  return digest;
}

/** A registry need not name the digest: https://github.com/opencontainers/distribution-spec/blob/main/spec.md */
async function digestOfBody(url: URL, headers: Headers, registry: string): Promise<string> {
  const answer = await ask(url, "GET", headers);
  if (!answer.ok) throw refusal(registry, answer.status);
  return `sha256:${createHash("sha256")
    .update(Buffer.from(await answer.arrayBuffer()))
    .digest("hex")}`;
}

/** https://distribution.github.io/distribution/spec/auth/token/ */
async function anonymousToken(challenge: string, registry: string, repository: string): Promise<string> {
  const parameter = (name: string) => new RegExp(`[ ,]${name}="([^"]*)"`, "i").exec(challenge)?.[1];
  const realm = parameter("realm");
  if (!/^bearer /i.test(challenge) || realm === undefined || !URL.canParse(realm))
    throw new SlipwayError(`${registry} wants a login, which is not given here.`);
  const url = new URL(realm);
  const service = parameter("service");
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", `repository:${repository}:pull`);
  const answer = await ask(url, "GET", new Headers());
  const body = answer.ok ? await answer.json().catch(() => undefined) : undefined;
  const { token, access_token } = (body ?? {}) as { token?: unknown; access_token?: unknown };
  const found = token ?? access_token;
  if (typeof found !== "string" || !/^[\x21-\x7e]+$/.test(found))
    throw new SlipwayError(`${url.host} gives no token for ${repository} without a login.`);
  return found;
}

/** One request, by HTTPS except on this machine; a token goes to no other address than it was made for. */
async function ask(url: URL, method: "HEAD" | "GET", headers: Headers): Promise<Response> {
  const signal = AbortSignal.timeout(PATIENCE);
  let [at, sent] = [url, headers];
  for (let step = 0; step <= MOST_REDIRECTS; step += 1) {
    if (at.protocol !== "https:" && !isLoopback(at))
      throw new SlipwayError(`${url.host} leads to ${at.protocol}//${at.host}, which is not asked: only HTTPS is.`);
    const answer = await fetch(at, { method, headers: sent, signal, redirect: "manual" }).catch((cause: unknown) => {
      throw new SlipwayError(`${at.host} cannot be reached (${reasonOf(cause)}).`, { cause });
    });
    const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get("location") : null;
    if (location === null) return answer;
    if (!URL.canParse(location, at.href)) break;
    const next = new URL(location, at);
    if (next.origin !== at.origin) {
      sent = new Headers(sent);
      sent.delete("authorization");
    }
    at = next;
  }
  throw new SlipwayError(`${url.host} leads on and on, and never answers.`);
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function refusal(registry: string, status: number): SlipwayError {
  if (status === 429) return new SlipwayError(`${registry} answers to nobody for a while: too many requests (429).`);
  if (status === 401 || status === 403) return new SlipwayError(`${registry} wants a login, which is not given here.`);
  return new SlipwayError(`${registry} answers with status ${status}.`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "no answer";
  if (error.name === "TimeoutError") return `no answer within ${PATIENCE / 1000} s`;
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : error.message;
}
