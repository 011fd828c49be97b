import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { parseConfig } from "../config/config.ts";
import { refuseVersionJump } from "./version-step.ts";

let server: Server;
/** What EKS answers about the cluster. */
let answer: { status: number; body: object };
const paths: (string | undefined)[] = [];

beforeEach(async () => {
  paths.length = 0;
  server = createServer((request, response) => {
    paths.push(request.url);
    const type = answer.status === 404 ? { "x-amzn-errortype": "ResourceNotFoundException" } : {};
    response.writeHead(answer.status, { "content-type": "application/json", ...type }).end(JSON.stringify(answer.body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  server.closeAllConnections();
});

/** Asks for a version of `demo-dev`, which runs another one. */
function ask(running: string | undefined, wanted: string): Promise<void> {
  answer = running
    ? { status: 200, body: { cluster: { name: "demo-dev", version: running } } }
    : { status: 404, body: { message: "No cluster found for name: demo-dev." } };
  const config = parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: octo-org/octo-repo }
environments: { dev: { cluster: { version: "${wanted}", publicAccessCidrs: [192.0.2.0/24] } } }
`);
  const credentials = async () => ({ accessKeyId: "test", secretAccessKey: "test" });
  return refuseVersionJump({ config, environment: "dev", credentials });
}

test("a cluster that is not there begins with any version", async () => {
  await ask(undefined, "1.34");
  expect(paths).toEqual(["/clusters/demo-dev"]);
});

test.each([
  ["1.36", "1.36"],
  ["1.35", "1.36"],
])("one at %s may have %s", async (running, wanted) => {
  await expect(ask(running, wanted)).resolves.toBeUndefined();
});

test("a jump of two is refused before anything is changed", async () => {
  await expect(ask("1.34", "1.36")).rejects.toMatchObject({
    message:
      "The cluster demo-dev runs Kubernetes 1.34, slipway.yaml wants 1.36: EKS upgrades one minor version at a time.",
    next: 'Write version: "1.35" and push; when that is delivered, the next.',
    reason: "version-step",
  });
});

test("a downgrade is refused", async () => {
  await expect(ask("1.36", "1.35")).rejects.toMatchObject({
    message: expect.stringContaining("slipway.yaml wants 1.35: EKS never goes back to an older version.") as string,
    next: 'Write version: "1.36".',
    reason: "version-step",
  });
});
