import { expect, it } from "vitest";
import { ProcessError } from "../core/process.ts";
import { isRegistryTrouble, throughRegistryTrouble } from "./push-trouble.ts";

it.each([
  "ERROR: failed to build: failed to solve: failed to push r/demo/a:k: unexpected status from PUT request to https://r/v2/: 502 Bad Gateway",
  "ERROR: failed to solve: failed to push r/demo/a:k: failed to do request: Head https://r/v2/: net/http: TLS handshake timeout",
  "ERROR: failed to solve: node:24: failed to resolve source metadata: toomanyrequests: rate exceeded",
  "ERROR: failed to solve: failed to copy: read tcp: connection reset by peer",
  "ERROR: failed to solve: failed to do request: dial tcp: lookup r: no such host",
])("takes for now: %s", (error) => {
  expect(isRegistryTrouble(`#9 pushing\n${error}\n`)).toBe(true);
});

it.each([
  'ERROR: failed to solve: process "/bin/sh -c curl x" did not complete successfully: exit code: 56',
  '#7 npm error network request failed, reason: connection reset\nERROR: failed to solve: process "npm ci" did not complete successfully: exit code: 1',
  "ERROR: failed to solve: failed to push: denied: requested access to the resource is denied",
  "ERROR: failed to solve: failed to push: tag invalid: the image tag already exists and cannot be overwritten",
  "",
])("takes for good: %s", (error) => {
  expect(isRegistryTrouble(error)).toBe(false);
});

const bad = new ProcessError(
  "docker",
  1,
  "failed",
  "ERROR: failed to push: unexpected status: 503 Service Unavailable",
);
const clock = { now: () => 0, sleep: () => Promise.resolve() };

it("builds again until the registry answers, four times at most", async () => {
  const results = [bad, bad, undefined];
  const lines: string[] = [];
  expect(
    await throughRegistryTrouble(
      () => Promise.resolve(results.shift()),
      (line) => lines.push(line),
      clock,
    ),
  ).toBe(undefined);
  expect(lines).toHaveLength(2);
  let count = 0;
  const always = () => {
    count += 1;
    return Promise.resolve(bad);
  };
  expect(await throughRegistryTrouble(always, () => {}, clock)).toBe(bad);
  expect(count).toBe(4);
});
