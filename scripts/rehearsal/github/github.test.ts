import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type GitHubServer, startGitHub } from "./github.ts";

let server: GitHubServer;
beforeAll(async () => {
  server = await startGitHub({ repository: "demo/platform", token: "job-token" });
});
beforeEach(() => {
  server.violations.length = 0;
});
afterAll(() => server.stop());

async function ask(method: string, path: string, body?: unknown, token = "job-token"): Promise<Response> {
  return fetch(`${server.endpoint}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}

describe("what the real API would not take is refused and recorded", () => {
  const pulls = "/repos/demo/platform/pulls";
  it.each([
    ["an unknown route", "GET", "/repos/demo/platform/pulled", undefined, 404, /no such route/],
    ["a route that is not played", "GET", "/repos/demo/platform/labels", undefined, 404, /does not play/],
    ["another repository", "GET", "/repos/demo/other/pulls", undefined, 404, /the repository is demo\/platform/],
    ["a missing field", "POST", pulls, { title: "x", base: "main" }, 422, /required property 'head'/],
    ["an unknown field", "POST", pulls, { head: "a", base: "b", titel: "x" }, 422, /titel/],
    ["a wrong type", "POST", pulls, { head: "a", base: "b", draft: "yes" }, 422, /draft/],
    ["a broken body", "POST", pulls, "{", 400, /JSON/],
    ["a body where none belongs", "POST", `${pulls}?state=open`, { head: "a", base: "b" }, 422, /query/],
    ["a wrong query value", "GET", `${pulls}?state=ajar`, undefined, 422, /state/],
  ])("%s", async (_name, method, path, body, status, complaint) => {
    expect((await ask(method, path, body)).status).toBe(status);
    expect(server.violations).toEqual([expect.stringMatching(complaint)]);
  });

  it("another token", async () => {
    expect((await ask("GET", pulls, undefined, "stolen")).status).toBe(401);
    expect(server.violations).toHaveLength(1);
  });
});

it("answers deployments and their statuses as described", async () => {
  const made = await ask("POST", "/repos/demo/platform/deployments", { ref: "main", environment: "dev" });
  expect(made.status).toBe(201);
  const { id } = (await made.json()) as { id: number };
  const status = await ask("POST", `/repos/demo/platform/deployments/${id}/statuses`, {
    state: "success",
    environment_url: "https://example.org/",
  });
  expect(status.status).toBe(201);
  expect(server.state.statuses).toMatchObject([
    { id: 1, deployment: id, state: "success", url: "https://example.org/" },
  ]);
  expect(server.violations).toEqual([]);
});
