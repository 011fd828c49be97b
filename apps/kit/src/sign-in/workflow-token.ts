import type { RequestHandler, Response } from "express";
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { z } from "zod";
import { Problem } from "../http/problems.ts";
import type { Dependency } from "../resilience/dependency.ts";

/** What a workflow's token says of its run. https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims */
const claimsSchema = z.object({
  aud: z.string(),
  repository: z.string(),
  repository_id: z.string(),
  run_id: z.string().regex(/^[1-9]\d{0,17}$/),
  run_attempt: z.string().regex(/^[1-9]\d{0,3}$/),
  sha: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
  ref: z.string(),
  ref_type: z.string(),
  event_name: z.string(),
  /** The file of the workflow that was started. */
  workflow_ref: z.string(),
  /** The file that the job is written in: another one where a reusable workflow was called. */
  job_workflow_ref: z.string(),
  actor: z.string(),
});

/** The claims of a workflow's token that was verified. */
export type WorkflowClaims = z.output<typeof claimsSchema>;

/** Whose tokens are accepted. */
export interface WorkflowIssuer {
  /** For example https://token.actions.githubusercontent.com. */
  issuer: string;
  /** What the workflow has to name when it asks for its token, so that a token for somebody else is worth nothing here. */
  audience: string;
  /** owner/name. GitHub's names differ by more than upper and lower case, so that neither counts. */
  repository: string;
  /** The repository's number: a new repository under an old name has another. Not looked at when left out. */
  repositoryId?: string | undefined;
  /** The one branch whose runs count: whoever may push another one, or open a pull request, says nothing here. */
  branch: string;
  /** The files under .github/workflows/ whose runs count, as they are at that branch. */
  workflows: readonly string[];
  /** The events that start them: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows */
  events: readonly string[];
}

/**
 * Checks the OIDC tokens of a CI's workflows: signature by the issuer's published keys, issuer, audience, times, and by a
 * claim each the repository, its branch, the workflow's file and the event. Not by `sub`, whose form changes with the
 * job's environment and the repository's settings.
 */
export class WorkflowTokens {
  readonly #accepted: WorkflowIssuer;
  readonly #issuer: Dependency;
  #keys: Promise<JWTVerifyGetKey> | undefined;

  /** @param issuer how patient this is with whoever publishes the keys */
  constructor(accepted: WorkflowIssuer, issuer: Dependency) {
    this.#accepted = accepted;
    this.#issuer = issuer;
  }

  /**
   * @param token the JWT that came as a bearer token
   * @throws Problem 401 for a token that is not the issuer's or not for us alone, 403 for a run that may say nothing here,
   *   503 when the issuer's keys cannot be had
   */
  async verify(token: string): Promise<WorkflowClaims> {
    const { issuer, audience } = this.#accepted;
    const { payload } = await this.#verified(token, { issuer, audience });
    const { success, data: claims } = claimsSchema.safeParse(payload);
    // An audience may be a list (https://www.rfc-editor.org/rfc/rfc7519#section-4.1.3): such a token is for others, too.
    if (!success || claims.aud !== audience) throw new Problem(401, "The token is not a workflow run's.");
    const foreign = foreignClaim(claims, this.#accepted);
    if (foreign !== undefined) throw new Problem(403, `The token is of another ${foreign}.`);
    return claims;
  }

  async #verified(token: string, expected: { issuer: string; audience: string }) {
    try {
      const options = { ...expected, algorithms: ["RS256", "ES256"], requiredClaims: ["exp"], clockTolerance: 30 };
      return await jwtVerify(token, await this.#keySet(), options);
    } catch (cause) {
      const answered = cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout);
      if (answered && cause.code !== "ERR_JOSE_GENERIC")
        throw new Problem(401, `The token was not accepted: ${cause.code}.`, { cause });
      throw new Problem(503, "The keys of the token's issuer cannot be had.", { retryAfter: 5, cause });
    }
  }

  /** Found once, by the issuer's discovery document; jose then fetches the keys when it meets one it does not know. */
  #keySet(): Promise<JWTVerifyGetKey> {
    this.#keys ??= discover(this.#accepted.issuer, this.#issuer).catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }
}

/** What a run has that is not accepted; undefined where all of it is. */
function foreignClaim(claims: WorkflowClaims, accepted: WorkflowIssuer): string | undefined {
  const { repositoryId, branch, workflows, events } = accepted;
  const ref = `refs/heads/${branch}`;
  const files = workflows.map((file) => `${claims.repository}/.github/workflows/${file}@${ref}`);
  const same = claims.repository.toLowerCase() === accepted.repository.toLowerCase();
  if (!same || (repositoryId !== undefined && claims.repository_id !== repositoryId)) return "repository";
  // A tag may be called as a branch is, and a pull request's ref is its own.
  if (claims.ref !== ref || claims.ref_type !== "branch") return "branch";
  if (!files.includes(claims.workflow_ref) || claims.job_workflow_ref !== claims.workflow_ref) return "workflow";
  return events.includes(claims.event_name) ? undefined : "event";
}

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig */
async function discover(issuer: string, dependency: Dependency): Promise<JWTVerifyGetKey> {
  const get = (address: string | URL, init: RequestInit = {}) =>
    dependency.run(
      async (signal) => {
        const response = await fetch(address, { ...init, signal, redirect: "error" });
        if (!response.ok) throw new Error(`${String(address)} answers ${response.status}.`);
        // Read here, so that the time-out is one of the whole answer.
        return Response.json(await response.json());
      },
      { repeatable: true },
    );
  const response = await get(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const found = z.object({ issuer: z.literal(issuer), jwks_uri: z.url() }).parse(await response.json());
  return createRemoteJWKSet(new URL(found.jwks_uri), {
    [customFetch]: (address, { headers }) => get(address, { headers }),
  });
}

/** Lets only workflow runs in that `tokens` accepts; `claimsOf` then says which one it is. */
export function requireWorkflow(tokens: WorkflowTokens): RequestHandler {
  return async (request, response, next) => {
    const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (!token) {
      response.setHeader("WWW-Authenticate", "Bearer");
      throw new Problem(401, "A workflow's OIDC token is needed, as a bearer token.");
    }
    (response.locals as Locals).workflow = await tokens.verify(token);
    next();
  };
}

interface Locals {
  workflow?: WorkflowClaims;
}

/** The claims of a request that passed `requireWorkflow`. */
export function claimsOf(response: Response): WorkflowClaims {
  const { workflow } = response.locals as Locals;
  if (!workflow) throw new Error("The route is not behind requireWorkflow.");
  return workflow;
}
