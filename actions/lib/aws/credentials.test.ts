import { describe, expect, it } from "vitest";
import {
  type AwsCredentials,
  awsCredentials,
  awsFailure,
  childEnvironment,
  plainEnvironment,
  refusedExchange,
  renewed,
  roleArn,
  sessionName,
  tokenClaims,
} from "./credentials.ts";
import { explain, SlipwayError } from "../core/errors.ts";

const role = roleArn("000000000000", "slipway-deploy");
const minutes = (count: number) => new Date(Date.now() + count * 60_000);
const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2lnbmF0dXJl`;
const failure = (name: string, message: string) => Object.assign(new Error(message), { name });

describe("awsCredentials", () => {
  it("asks for id-token: write when a job in GitHub Actions may not have a token", () => {
    const open = () =>
      awsCredentials({ role, region: "us-east-1", sessionName: "build", env: { GITHUB_ACTIONS: "true" } });
    expect(open).toThrow(SlipwayError);
    expect(open).toThrow(/slipway-deploy: GitHub gives it no OIDC token/);
  });

  it("does not fall back to keys of the environment in GitHub Actions", () => {
    const env = { GITHUB_ACTIONS: "true", AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "secret" };
    expect(() => awsCredentials({ role, region: "us-east-1", sessionName: "build", env })).toThrow(/no OIDC token/);
  });

  it("leaves a person's own sign-in to the SDK, asking nothing before the first use", () => {
    expect(awsCredentials({ role, region: "us-east-1", sessionName: "build", env: {} })).toBeTypeOf("function");
  });
});

describe("renewed", () => {
  const counting = (...found: AwsCredentials[]) => {
    let calls = 0;
    return { provider: renewed(() => Promise.resolve(found[calls++] as AwsCredentials)), calls: () => calls };
  };
  const keys = (accessKeyId: string, expiration?: Date): AwsCredentials => ({
    accessKeyId,
    secretAccessKey: "secret",
    ...(expiration ? { expiration } : {}),
  });

  it("keeps credentials that last, and shares one exchange between callers", async () => {
    const { provider, calls } = counting(keys("first", minutes(60)));
    expect((await Promise.all([provider(), provider()])).map((each) => each.accessKeyId)).toEqual(["first", "first"]);
    await provider();
    expect(calls()).toBe(1);
  });

  it("exchanges again before the end, while the AWS SDK still takes the old ones", async () => {
    const { provider } = counting(keys("first", minutes(9)), keys("second", minutes(60)));
    expect((await provider()).accessKeyId).toBe("first");
    expect((await provider()).accessKeyId).toBe("second");
  });

  it("exchanges again when it is told to", async () => {
    const { provider } = counting(keys("first", minutes(60)), keys("second", minutes(60)));
    await provider();
    expect((await provider({ forceRefresh: true })).accessKeyId).toBe("second");
  });

  it("tries again after a failed exchange", async () => {
    let calls = 0;
    const provider = renewed(() => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error("refused")) : Promise.resolve(keys("second"));
    });
    await expect(provider()).rejects.toThrow("refused");
    expect((await provider()).accessKeyId).toBe("second");
  });
});

describe("a refused exchange", () => {
  const token = jwt({ sub: "repo:owner/name:pull_request", aud: "sts.amazonaws.com", actor: "someone" });

  it("names the role and the token's sub and aud, and nothing else of the token", () => {
    const error = refusedExchange(role, token, failure("AccessDenied", "Not authorized"));
    expect(explain(error)).toContain(role);
    expect(explain(error)).toContain('sub is "repo:owner/name:pull_request", its aud "sts.amazonaws.com"');
    expect(explain(error)).toContain("trust policy");
    expect(explain(error)).not.toContain("someone");
    expect(explain(error)).not.toContain(token);
    expect(error.reason).toBe("role-refused");
  });

  it("says which ids slipway.yaml needs where the token names them", () => {
    const withIds = jwt({ sub: "repo:octo-org@12/octo-repo@34:environment:dev", aud: "sts.amazonaws.com" });
    const error = refusedExchange(role, withIds, failure("AccessDenied", "Not authorized"));
    expect(error.next).toContain('"ids: { owner: 12, repository: 34 }" under "git" and run ./slipway bootstrap again');
    expect(refusedExchange(role, token, failure("AccessDenied", "Not authorized")).next).not.toContain("ids");
  });

  it("names the missing OIDC provider", () => {
    const error = refusedExchange(role, token, failure("InvalidIdentityTokenException", "No OpenIDConnect provider"));
    expect(error.next).toMatch(/OIDC provider/);
  });

  it("says what to do about a role whose sessions are too short", () => {
    const text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    const error = refusedExchange(role, token, failure("ValidationError", text));
    expect(error.next).toMatch(/apply terraform\/bootstrap again/);
  });

  it("does not fail on a token that is not a JWT", () => {
    expect(tokenClaims("nonsense")).toEqual({ sub: "unreadable", aud: "unreadable" });
  });
});

describe("sessionName", () => {
  it("leads to the run", () => {
    const env = { GITHUB_WORKFLOW: "deliver", GITHUB_RUN_ID: "12345678901", GITHUB_RUN_ATTEMPT: "2" };
    expect(sessionName("build", env)).toBe("build-deliver-12345678901-2");
    expect(sessionName("build", {})).toBe("build-local");
  });

  it("stays in STS's alphabet and length and keeps the run's number", () => {
    const name = sessionName("build", { GITHUB_WORKFLOW: `Ship it! ${"x".repeat(80)}`, GITHUB_RUN_ID: "12345678901" });
    expect(name).toMatch(/^[\w+=,.@-]{2,64}$/);
    expect(name).toMatch(/-12345678901-1$/);
  });
});

describe("childEnvironment", () => {
  const parent = {
    PATH: "/usr/bin",
    AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
    AWS_PROFILE: "someone",
    AWS_SESSION_TOKEN: "old",
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: "request",
    ACTIONS_RUNTIME_TOKEN: "runtime",
    GITHUB_TOKEN: "github",
    INPUT_TOKEN: "input",
    GITHUB_SHA: "abc",
  };

  it("withholds every token, input and other AWS identity", () => {
    expect(plainEnvironment(parent)).toEqual({
      PATH: "/usr/bin",
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
      GITHUB_SHA: "abc",
    });
  });

  it("hands over freshly fetched credentials, without a stale session token", async () => {
    const requests: unknown[] = [];
    const env = await childEnvironment(
      (request) => {
        requests.push(request);
        return Promise.resolve({ accessKeyId: "key", secretAccessKey: "secret" });
      },
      "eu-west-1",
      parent,
    );
    expect(requests).toEqual([{ forceRefresh: true }]);
    expect(env).toMatchObject({ AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "eu-west-1" });
    expect(env).not.toHaveProperty("AWS_SESSION_TOKEN");
    expect(env).not.toHaveProperty("AWS_PROFILE");
  });
});

describe("awsFailure", () => {
  it.each([
    ["AccessDeniedException", "access-denied"],
    ["ExpiredTokenException", "expired-credentials"],
    ["UnrecognizedClientException", "no-credentials"],
    ["ThrottlingException", "throttled"],
    ["ServerException", "aws-error"],
  ])("%s gives the reason %s and one line", (name, reason) => {
    const error = awsFailure("Looking for images in ECR", failure(name, "it says why"));
    expect(error.reason).toBe(reason);
    expect(explain(error)).toMatch(/^Looking for images in ECR failed \(\w+\): it says why\. [A-Z].*\.$/);
  });

  it("leaves an error that already explains itself", () => {
    const error = new SlipwayError("The credentials belong to another account.");
    expect(awsFailure("Logging in", error)).toBe(error);
  });
});
