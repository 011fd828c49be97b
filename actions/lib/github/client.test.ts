import { createServer } from "node:http";
import { getOctokit } from "@actions/github";
import { afterEach, beforeEach, expect, it } from "vitest";
import { close, listen } from "../../../scripts/rehearsal/tools/listening.ts";
import { type Octokit, tryRequestsAgain } from "./client.ts";

type ScriptedAnswer = { status: number; headers?: Record<string, string>; message?: string } | "reset";

let octokit: Octokit;
let answers: ScriptedAnswer[];
let asked: number;
/** Time passes only while somebody waits. */
let time: number;

const server = createServer((_, response) => {
  asked += 1;
  const answer = answers.shift() ?? { status: 200 };
  if (answer === "reset") {
    response.destroy();
    return;
  }
  response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
  response.end(JSON.stringify({ message: answer.message ?? "" }));
});

beforeEach(async () => {
  [answers, asked, time] = [[], 0, 0];
  octokit = getOctokit("token", { baseUrl: `http://127.0.0.1:${await listen(server)}` });
  const sleep = (milliseconds: number) => {
    time += milliseconds;
    return Promise.resolve();
  };
  tryRequestsAgain(octokit, { now: () => time, sleep });
});
afterEach(() => close(server));

const busy: ScriptedAnswer = {
  status: 403,
  headers: { "retry-after": "7" },
  message: "You have exceeded a secondary rate limit",
};

it.each<[string, string, ScriptedAnswer]>([
  ["GET", "an error of the server", { status: 502 }],
  ["GET", "a broken connection", "reset"],
  ["PATCH", "an outage", { status: 503 }],
  ["POST", "a rate limit", { status: 429 }],
])("sends a %s again after %s", async (method, _, answer) => {
  answers = [answer, answer];
  expect((await octokit.request(`${method} /thing`)).status).toBe(200);
  expect(asked).toBe(3);
  expect(time).toBeGreaterThan(1_000);
});

it("waits as long as a secondary rate limit asks, also before a POST", async () => {
  answers = [busy];
  expect((await octokit.request("POST /thing")).status).toBe(200);
  expect(time).toBe(7_000);
});

it("waits for the end of a rate limit, unless that is too far away", async () => {
  const limited = (reset: string): ScriptedAnswer => ({
    status: 403,
    headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
    message: "API rate limit exceeded",
  });
  answers = [limited("30")];
  await octokit.request("GET /thing");
  expect(time).toBe(30_000);
  answers = [limited("4000")];
  await expect(octokit.request("GET /thing")).rejects.toMatchObject({ status: 403 });
});

it.each<[string, ScriptedAnswer]>([
  ["POST", { status: 502 }],
  ["POST", "reset"],
  ["GET", { status: 404 }],
  ["GET", { status: 403, message: "Resource not accessible by integration" }],
])("sends a %s that ended with %j once", async (method, answer) => {
  answers = [answer];
  await expect(octokit.request(`${method} /thing`)).rejects.toThrow();
  expect([asked, time]).toEqual([1, 0]);
});

it("gives up when its time is up", async () => {
  answers = Array.from({ length: 100 }, () => ({ status: 503 }));
  await expect(octokit.request("GET /thing")).rejects.toMatchObject({ status: 503 });
  expect(time).toBeLessThanOrEqual(120_000);
  expect(time).toBeGreaterThan(100_000);
});
