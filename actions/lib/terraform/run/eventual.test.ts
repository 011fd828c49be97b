import { expect, it } from "vitest";
import { notFoundYet } from "./eventual.ts";

const error = (summary: string) => ({ severity: "error", summary, detail: "" });
const template = error("reading EC2 Launch Template (lt-6a8307aa2458e0204): couldn't find resource");

it("is what AWS does not find right after it was made", () => {
  expect(notFoundYet({ errors: [template] })).toBe(true);
  expect(notFoundYet({ errors: [template, error("reading Route in Route Table (rtb-1): empty result")] })).toBe(true);
});

it("is nothing else, and not when anything else has failed as well", () => {
  const denied = error("creating EC2 VPC: UnauthorizedOperation: You are not authorized");
  const quota = error("waiting for EKS Node Group (a:b) create: unexpected state 'CREATE_FAILED'");
  for (const errors of [[], [denied], [quota], [template, denied]]) expect(notFoundYet({ errors })).toBe(false);
});
