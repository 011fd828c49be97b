import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { close, listen } from "../tools/listening.ts";

/** Whose workflow runs ask for tokens. */
export interface IdentityOptions {
  /** `owner/name`. */
  repository: string;
  /** The branch that jobs run at when they do not say another ref. */
  branch: string;
  /** The address that it listens on, for whoever checks tokens elsewhere; 127.0.0.1 when left out. */
  host?: string;
  /** Immutable ids; with them `sub` has GitHub's form that names them. Numbers of no meaning when left out. */
  repositoryIds?: { ownerId: string; repositoryId: string };
}

/** A running stand-in of the token endpoint that GitHub gives to a workflow's jobs. */
export interface TokenIssuer extends AsyncDisposable {
  /** Where it serves its discovery document and its keys. */
  readonly endpoint: string;
  /** ACTIONS_ID_TOKEN_REQUEST_TOKEN. */
  readonly requestToken: string;
  /**
   * ACTIONS_ID_TOKEN_REQUEST_URL for one job. Whoever builds it from text may add the same words as query parameters.
   *
   * @param job what decides the token's `sub`
   */
  requestUrl(job?: JobClaims): string;
  stop(): Promise<void>;
}

/** What a job's token says of the job, all of it optional. */
export interface JobClaims {
  /** The job's `environment`; an empty text names none. */
  environment?: string;
  /** The event that started the run; `push` when left out. */
  event?: string;
  /** The ref that the run is for, such as `refs/tags/v1`; the branch when left out, of a pull request its merge. */
  ref?: string;
  /** The commit that the run is for. */
  sha?: string;
  /** The run's number, as GITHUB_RUN_ID has it. */
  run?: string;
  /** Which attempt of the run it is; `1` when left out. */
  attempt?: string;
  /** Who started the run; the repository's owner when left out. */
  actor?: string;
  /** The workflow file's name without its ending; `deliver` when left out. */
  workflow?: string;
  /** The file that the job is written in, where that is a reusable workflow: `owner/name/.github/workflows/x.yml@ref`. */
  reusable?: string;
}

/** What GitHub's own tokens say in `iss`, and ours to AWS: its emulator knows GitHub, and checks no signature. */
export const issuer = "https://token.actions.githubusercontent.com";

/** GitHub's tokens are short-lived; its documentation's example lives for 15 minutes. */
const lifetime = 15 * 60;

/** Starts the endpoint on a free port of this machine, with a key of its own. */
export async function startIdentity(options: IdentityOptions): Promise<TokenIssuer> {
  const host = options.host ?? "127.0.0.1";
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const keyId = randomUUID();
  const requestToken = randomBytes(32).toString("base64url");
  const server = createServer((request, response) => {
    const { status, body } = answer(request, options, { privateKey, keyId, requestToken, endpoint });
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
  });
  const endpoint = `http://${host}:${await listen(server, host)}`;
  const stop = () => close(server);
  return {
    endpoint,
    requestToken,
    requestUrl(job = {}) {
      // GitHub's address has a query, too: the toolkit appends `&audience=` without looking.
      const query = new URLSearchParams({ "api-version": "2.0", ...job });
      return `${endpoint}/token?${query.toString()}`;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Signing {
  privateKey: KeyObject;
  keyId: string;
  requestToken: string;
  endpoint: string;
}

function answer(
  request: IncomingMessage,
  options: IdentityOptions,
  signing: Signing,
): { status: number; body: Record<string, unknown> } {
  const url = new URL(request.url ?? "/", signing.endpoint);
  if (url.pathname === "/.well-known/openid-configuration") return { status: 200, body: discovery(signing.endpoint) };
  if (url.pathname === "/.well-known/jwks") {
    const key = createPublicKey(signing.privateKey).export({ format: "jwk" });
    return { status: 200, body: { keys: [{ ...key, kid: signing.keyId, alg: "RS256", use: "sig" }] } };
  }
  if (url.pathname !== "/token") return { status: 404, body: { message: "Not Found" } };
  const [scheme, credentials] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "bearer" || credentials !== signing.requestToken)
    return { status: 401, body: { message: "The request token is not the one of this job." } };
  return { status: 200, body: { value: token(claims(url.searchParams, options, signing.endpoint), signing) } };
}

/** As https://token.actions.githubusercontent.com/.well-known/openid-configuration, with keys that can be had here. */
function discovery(endpoint: string): Record<string, unknown> {
  return {
    issuer: endpoint,
    jwks_uri: `${endpoint}/.well-known/jwks`,
    subject_types_supported: ["public", "pairwise"],
    response_types_supported: ["id_token"],
    claims_supported: Object.keys(
      claims(new URLSearchParams(), { repository: "owner/name", branch: "main" }, endpoint),
    ),
    id_token_signing_alg_values_supported: ["RS256"],
    scopes_supported: ["openid"],
  };
}

/**
 * The claims of a token.
 * https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims
 */
function claims(job: URLSearchParams, options: IdentityOptions, endpoint: string): Record<string, unknown> {
  const [owner = "", name = ""] = options.repository.split("/");
  const { ownerId = "1", repositoryId = "1" } = options.repositoryIds ?? {};
  const event = job.get("event") || "push";
  const environment = job.get("environment") || undefined;
  const ref = job.get("ref") || (event === "pull_request" ? "refs/pull/1/merge" : `refs/heads/${options.branch}`);
  const subject = environment ? `environment:${environment}` : event === "pull_request" ? "pull_request" : `ref:${ref}`;
  // https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
  const repository = options.repositoryIds ? `${owner}@${ownerId}/${name}@${repositoryId}` : options.repository;
  const audience = job.get("audience") || `https://github.com/${owner}`;
  const now = Math.floor(Date.now() / 1000);
  const workflow = job.get("workflow") || "deliver";
  const workflowRef = `${options.repository}/.github/workflows/${workflow}.yml@${ref}`;
  const sha = job.get("sha") || "0".repeat(40);
  const run = job.get("run") || "1";
  return {
    jti: randomUUID(),
    sub: `repo:${repository}:${subject}`,
    aud: audience,
    ...(environment && { environment }),
    ref,
    // Of a pull request's merge, too: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
    ref_protected: String(ref === `refs/heads/${options.branch}`),
    sha,
    repository: options.repository,
    repository_id: repositoryId,
    repository_owner: owner,
    repository_owner_id: ownerId,
    repository_visibility: "private",
    run_id: run,
    run_number: run,
    run_attempt: job.get("attempt") || "1",
    runner_environment: "github-hosted",
    actor: job.get("actor") || owner,
    actor_id: ownerId,
    workflow,
    workflow_ref: workflowRef,
    workflow_sha: sha,
    job_workflow_ref: job.get("reusable") || workflowRef,
    job_workflow_sha: sha,
    event_name: event,
    head_ref: event === "pull_request" ? "change" : "",
    base_ref: event === "pull_request" ? options.branch : "",
    // Who checks the signature has to get its keys from here.
    iss: audience === "sts.amazonaws.com" ? issuer : endpoint,
    nbf: now - 5,
    iat: now,
    exp: now + lifetime,
  };
}

function token(payload: Record<string, unknown>, { privateKey, keyId }: Signing): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "RS256", kid: keyId, typ: "JWT" })}.${encode(payload)}`;
  return `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`;
}
