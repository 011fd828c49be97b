import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { refusedZones } from "./account.ts";
import { trusts } from "./trust.ts";

const provider = "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com";
const key = (claim: string) => `token.actions.githubusercontent.com:${claim}`;
const statement = {
  Effect: "Allow",
  Action: "sts:AssumeRoleWithWebIdentity",
  Principal: { Federated: provider },
  Condition: { StringEquals: { [key("aud")]: "sts.amazonaws.com", [key("sub")]: ["repo:a/b:ref:refs/heads/main"] } },
};
const claims = { aud: "sts.amazonaws.com", sub: "repo:a/b:ref:refs/heads/main" };
const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });

test.each<[string, object[], object]>([
  ["exactly the sub", [statement], claims],
  ["a sub by a pattern", [{ ...statement, Condition: { StringLike: { [key("sub")]: "repo:a/*" } } }], claims],
  ["a claim that nobody knows", [conditioned("repository_id", "8")], { ...claims, repository_id: undefined }],
  ["a claim that may be missing", [{ ...statement, Condition: { StringEqualsIfExists: { [key("x")]: "1" } } }], claims],
])("%s is trusted", (_, statements, given) => {
  expect(trusts(policy(...statements), provider, given as typeof claims)).toBe(true);
});

test.each<[string, string, object]>([
  ["another sub", policy(statement), { ...claims, sub: "repo:a/b:ref:refs/heads/main2" }],
  ["another audience", policy(statement), { ...claims, aud: "https://github.com/a" }],
  ["a claim that the token has not", policy(conditioned("ref", "refs/heads/main")), claims],
  ["another provider", policy({ ...statement, Principal: { Federated: `${provider}.example` } }), claims],
  ["another action", policy({ ...statement, Action: "sts:AssumeRole" }), claims],
  [
    "an operator that is not known",
    policy({ ...statement, Condition: { DateLessThan: { [key("sub")]: "x" } } }),
    claims,
  ],
  ["what is denied elsewhere", policy(statement, { ...statement, Effect: "Deny" }), claims],
  ["a pattern in StringEquals", policy(conditioned("sub", "repo:a/*")), claims],
  ["no policy", "", claims],
])("%s is not trusted", (_, text, given) => {
  expect(trusts(text, provider, given as typeof claims)).toBe(false);
});

function conditioned(claim: string, value: string): object {
  const StringEquals = { ...statement.Condition.StringEquals, [key(claim)]: value };
  return { ...statement, Condition: { StringEquals } };
}

test("the zones that EKS refuses are those that Terraform leaves out", async () => {
  const network = join(import.meta.dirname, "../../../terraform/modules/network/main.tf");
  const listed = /exclude_zone_ids = \[([^\]]*)\]/.exec(await readFile(network, "utf8"))?.[1] ?? "";
  expect(listed.split(",").map((id) => id.trim().replaceAll('"', ""))).toEqual(refusedZones);
});
