import { once } from "node:events";
import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** An issuer of workflow tokens of a test's own. */
export interface TestWorkflowIssuer extends AsyncDisposable {
  /** Its address, and the tokens' `iss`. */
  issuer: string;
  /** A token that is good for five minutes; claims replace those of a usual run, `undefined` leaves one out. */
  token(claims?: Claims): Promise<string>;
  /** The same by a key that the issuer never published. */
  forged(claims?: Claims): Promise<string>;
  /** How often its keys were asked for. */
  asked(): number;
}

type Claims = Record<string, unknown>;

const workflowRef = "octo/slipway/.github/workflows/deliver.yml@refs/heads/main";

/** The claims of a usual token, as https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims has them. */
export const usualRun = {
  aud: "console",
  repository: "octo/slipway",
  repository_id: "42",
  run_id: "1000",
  run_attempt: "1",
  sha: "a".repeat(40),
  ref: "refs/heads/main",
  ref_type: "branch",
  workflow_ref: workflowRef,
  job_workflow_ref: workflowRef,
  actor: "somebody",
  event_name: "push",
};

/** Starts an issuer as a forge has it for its workflows: a discovery document, a key set, tokens by RS256. */
export async function startWorkflowIssuer(): Promise<TestWorkflowIssuer> {
  const [published, other] = await Promise.all([generateKeyPair("RS256"), generateKeyPair("RS256")]);
  const key = { ...(await exportJWK(published.publicKey)), kid: "one", alg: "RS256", use: "sig" };
  let asked = 0;
  const server = createServer((request, response) => {
    const json = (body: object) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(body));
    if (request.url === "/.well-known/openid-configuration") json({ issuer, jwks_uri: `${issuer}/keys` });
    else if (request.url === "/keys") {
      asked += 1;
      json({ keys: [key] });
    } else response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  const sign = ({ privateKey }: typeof published, claims: Claims = {}) => {
    const now = Math.floor(Date.now() / 1_000);
    const payload = {
      iss: issuer,
      sub: "repo:octo/slipway:ref:refs/heads/main",
      iat: now,
      exp: now + 300,
      ...usualRun,
    };
    return new SignJWT({ ...payload, ...claims }).setProtectedHeader({ alg: "RS256", kid: "one" }).sign(privateKey);
  };
  return {
    issuer,
    token: (claims) => sign(published, claims),
    forged: (claims) => sign(other, claims),
    asked: () => asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const at = (file: string, ref = "refs/heads/main") => `octo/slipway/.github/workflows/${file}@${ref}`;
const fileAt = (workflow_ref: string) => ({ workflow_ref, job_workflow_ref: workflow_ref });
const pull = "refs/pull/7/merge";

/**
 * Runs of the right repository and issuer that may say nothing where only `main`, its deliver.yml, destroy.yml and
 * lease.yml, and pushes, dispatches and schedules count: what is different about each, and the claims that GitHub gives.
 */
export const foreignRuns: Record<string, Claims> = {
  "a pull request": { ref: pull, event_name: "pull_request", ...fileAt(at("deliver.yml", pull)) },
  "a pull request's event at the branch": { event_name: "pull_request_target" },
  "a branch": { ref: "refs/heads/other", ...fileAt(at("deliver.yml", "refs/heads/other")) },
  "a branch whose name begins as ours": { ref: "refs/heads/main-2", ...fileAt(at("deliver.yml", "refs/heads/main-2")) },
  "a branch below ours": { ref: "refs/heads/main/x", ...fileAt(at("deliver.yml", "refs/heads/main/x")) },
  "a branch in other letters": { ref: "refs/heads/Main", ...fileAt(at("deliver.yml", "refs/heads/Main")) },
  "a tag": { ref: "refs/tags/v1", ref_type: "tag", ...fileAt(at("deliver.yml", "refs/tags/v1")) },
  "a tag called as the branch": {
    ref: "refs/tags/main",
    ref_type: "tag",
    ...fileAt(at("deliver.yml", "refs/tags/main")),
  },
  "a branch that is called a tag": { ref_type: "tag" },
  "the name of a branch alone": { ref: "main" },
  "no ref": { ref: undefined },
  "no type of ref": { ref_type: undefined },
  "another workflow": fileAt(at("ci.yml")),
  "a workflow whose name ends as ours": fileAt(at("x/../deliver.yml")),
  "a workflow in other letters": fileAt(at("Deliver.yml")),
  "our workflow as a branch has it": fileAt(at("deliver.yml", "refs/heads/other")),
  "our workflow as a commit has it": fileAt(at("deliver.yml", "a".repeat(40))),
  "our workflow of another repository": fileAt(at("deliver.yml").replace("octo/", "evil/")),
  "a reusable workflow that ours calls": { job_workflow_ref: at("shared.yml") },
  "another repository's reusable workflow": {
    job_workflow_ref: "evil/actions/.github/workflows/deliver.yml@refs/heads/main",
  },
  "our workflow, called by another one": { workflow_ref: at("ci.yml") },
  "our destroy, called by our deliver": { job_workflow_ref: at("destroy.yml") },
  "no workflow": { workflow_ref: undefined },
  "no workflow of its job": { job_workflow_ref: undefined },
  "a comment": { event_name: "issue_comment" },
  "the end of another run": { event_name: "workflow_run" },
  "an event from outside": { event_name: "repository_dispatch" },
  "a deletion": { event_name: "delete" },
  "no event": { event_name: undefined },
  "another repository": { repository: "octo/other" },
  "another owner": { repository: "evil/slipway", ...fileAt(at("deliver.yml").replace("octo/", "evil/")) },
  "a new repository under the old name": { repository_id: "43" },
  "no number of its repository": { repository_id: undefined },
  "another audience": { aud: "sts.amazonaws.com" },
  "two audiences": { aud: [usualRun.aud, "sts.amazonaws.com"] },
  "an audience in a list": { aud: [usualRun.aud] },
  "no audience": { aud: undefined },
  "no number": { run_id: undefined },
  "an invalid number": { run_id: "1;2" },
  "no attempt": { run_attempt: undefined },
  "attempt zero": { run_attempt: "0" },
};

/** Runs that do count there. */
export const ownRuns: Record<string, Claims> = {
  "a push": {},
  "deliver by hand": { event_name: "workflow_dispatch" },
  "destroy by hand": { event_name: "workflow_dispatch", ...fileAt(at("destroy.yml")) },
  "the lease's schedule": { event_name: "schedule", ...fileAt(at("lease.yml")) },
  "a job of an environment": { sub: "repo:octo/slipway:environment:dev", environment: "dev" },
  "a second attempt": { run_attempt: "2" },
};
