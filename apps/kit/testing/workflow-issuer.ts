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

/** The audience and repository of a usual token. */
export const usualRun = {
  aud: "console",
  repository: "octo/slipway",
  repository_id: "42",
  run_id: "1000",
  run_attempt: "1",
  sha: "a".repeat(40),
  ref: "refs/heads/main",
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
