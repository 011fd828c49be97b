import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { getIDToken } from "@actions/core";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type TokenIssuer, issuer, type JobClaims, startIdentity } from "./identity.ts";

let identity: TokenIssuer;
beforeEach(async () => {
  identity = await startIdentity({ repository: "owner/name", branch: "main" });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await identity.stop();
});

/** A token as an action gets it. */
async function request(job?: JobClaims, from = identity): Promise<string> {
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", from.requestUrl(job));
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", from.requestToken);
  // The toolkit tells the runner of the token on standard output.
  const output = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  return getIDToken("sts.amazonaws.com").finally(() => output.mockRestore());
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

test("the toolkit gets a token with the audience it asks for, signed by a published key", async () => {
  const token = await request({ sha: "a".repeat(40), run: "42" });
  expect(claimsOf(token)).toMatchObject({
    iss: issuer,
    aud: "sts.amazonaws.com",
    sub: "repo:owner/name:ref:refs/heads/main",
    repository: "owner/name",
    repository_owner: "owner",
    ref: "refs/heads/main",
    event_name: "push",
    sha: "a".repeat(40),
    run_id: "42",
  });

  const [head = "", payload = "", signature = ""] = token.split(".");
  const { kid } = JSON.parse(Buffer.from(head, "base64url").toString());
  const discovery = await fetch(`${identity.endpoint}/.well-known/openid-configuration`);
  const { jwks_uri } = (await discovery.json()) as { jwks_uri: string };
  const { keys } = (await (await fetch(jwks_uri)).json()) as { keys: (JsonWebKey & { kid: string })[] };
  const key = keys.find((candidate) => candidate.kid === kid) ?? {};
  const publicKey = createPublicKey({ key, format: "jwk" });
  const check = (text: string) => verify("sha256", Buffer.from(text), publicKey, Buffer.from(signature, "base64url"));
  expect(check(`${head}.${payload}`)).toBe(true);
  expect(check(`${head}.${payload}x`)).toBe(false);
});

test.each<[JobClaims, string]>([
  [{}, "repo:owner/name:ref:refs/heads/main"],
  [{ environment: "" }, "repo:owner/name:ref:refs/heads/main"],
  [{ environment: "dev" }, "repo:owner/name:environment:dev"],
  [{ environment: "dev", event: "pull_request" }, "repo:owner/name:environment:dev"],
  [{ event: "pull_request" }, "repo:owner/name:pull_request"],
  [{ event: "workflow_dispatch" }, "repo:owner/name:ref:refs/heads/main"],
])("the subject of %o is %s", async (job, subject) => {
  expect(claimsOf(await request(job)).sub).toBe(subject);
});

test("the token says which run of which workflow asks, as GitHub documents it", async () => {
  const file = (name: string, ref: string) => `owner/name/.github/workflows/${name}.yml@${ref}`;
  const dispatched = { event: "workflow_dispatch", workflow: "destroy", run: "7", attempt: "2", actor: "person" };
  expect(claimsOf(await request(dispatched))).toMatchObject({
    event_name: "workflow_dispatch",
    run_id: "7",
    run_attempt: "2",
    actor: "person",
    ref: "refs/heads/main",
    ref_type: "branch",
    ref_protected: "true",
    head_ref: "",
    base_ref: "",
    workflow_ref: file("destroy", "refs/heads/main"),
    job_workflow_ref: file("destroy", "refs/heads/main"),
  });
  expect(claimsOf(await request({ event: "pull_request" }))).toMatchObject({
    ref: "refs/pull/1/merge",
    ref_type: "branch",
    ref_protected: "false",
    base_ref: "main",
    job_workflow_ref: file("deliver", "refs/pull/1/merge"),
  });
  expect(claimsOf(await request({ ref: "refs/tags/main" }))).toMatchObject({
    sub: "repo:owner/name:ref:refs/tags/main",
    ref_type: "tag",
    ref_protected: "false",
    workflow_ref: file("deliver", "refs/tags/main"),
  });
  const shared = "other/shared/.github/workflows/build.yml@refs/heads/main";
  expect(claimsOf(await request({ reusable: shared }))).toMatchObject({
    workflow_ref: file("deliver", "refs/heads/main"),
    job_workflow_ref: shared,
  });
});

test("the subject names immutable ids where the repository has them", async () => {
  await using other = await startIdentity({
    repository: "owner/name",
    branch: "main",
    repositoryIds: { ownerId: "123", repositoryId: "456" },
  });
  const claims = claimsOf(await request({ environment: "dev" }, other));
  expect(claims.sub).toBe("repo:owner@123/name@456:environment:dev");
  expect(claims).toMatchObject({ repository_id: "456", repository_owner_id: "123" });
});

test("a token is valid now and for minutes, not for hours", async () => {
  const { nbf, iat, exp } = claimsOf(await request()) as { nbf: number; iat: number; exp: number };
  const now = Date.now() / 1000;
  expect(nbf).toBeLessThanOrEqual(now);
  expect(iat).toBeLessThanOrEqual(now);
  expect(exp - now).toBeGreaterThan(60);
  expect(exp - now).toBeLessThanOrEqual(15 * 60);
});

test.each([["bearer wrong"], [""], ["basic dGVzdA=="]])("the credentials %o get no token", async (authorization) => {
  const response = await fetch(identity.requestUrl(), { headers: { authorization } });
  expect(response.status).toBe(401);
  expect(await response.json()).not.toHaveProperty("value");
});
