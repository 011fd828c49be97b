import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { describePins, hasFailed, pinImages } from "./pin.ts";
import { lookUpDigest } from "./registry.ts";

const digestOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const lookUp = async (image: string) => {
  if (image === "gone:1") throw new SlipwayError("The registry has no such image.");
  return digestOf(image === "node:24" ? "a" : "b");
};

async function folderWith(files: Record<string, string | Buffer>) {
  const folder = await mkdtemp(join(tmpdir(), "slipway-pin-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** A registry on this machine. @returns its address, and what it was asked */
async function registry(handle: (request: IncomingMessage, response: ServerResponse, address: string) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    handle(request, response, request.headers.host ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

describe("pinImages", () => {
  it("writes digests and leaves every other byte as it is", async () => {
    const head = Buffer.from("\uFEFF# caf\u00e9 \r\n# FROM node:24\r\n");
    const odd = Buffer.from([0x23, 0xff, 0xfe, 0x0d, 0x0a]);
    const body = `FROM --platform=linux/amd64 \\\r\n  "node:24" AS x\r\nCOPY --from=node:24@${digestOf("0")} / /\r\nFROM gone:1\r\nFROM x`;
    const path = "apps/demo/api/Dockerfile";
    const repository = await folderWith({ [path]: Buffer.concat([head, odd, Buffer.from(body)]) });

    const checked = await pinImages({ repository, check: true, lookUp });
    expect(hasFailed(checked, true)).toBe(true);
    expect(await readFile(join(repository, path))).toEqual(Buffer.concat([head, odd, Buffer.from(body)]));

    const pins = await pinImages({ repository, check: false, lookUp });
    expect(pins.map(({ line, image, from, to }) => ({ line, image, from, to }))).toEqual([
      { line: 4, image: "node:24", from: undefined, to: digestOf("a") },
      { line: 6, image: "node:24", from: digestOf("0"), to: digestOf("a") },
      { line: 7, image: "gone:1", from: undefined, to: undefined },
    ]);
    const after = body.replace('"node:24"', `"node:24@${digestOf("a")}"`).replace(digestOf("0"), digestOf("a"));
    expect(await readFile(join(repository, path))).toEqual(Buffer.concat([head, odd, Buffer.from(after)]));
    expect(hasFailed(pins, false)).toBe(false);
    expect(describePins(pins, false)).toMatch(
      /^apps\/demo\/api\/Dockerfile:7: gone:1 stays as it is: The registry has no such image\.$/m,
    );

    const again = await pinImages({ repository, check: true, lookUp });
    expect(hasFailed(again, true)).toBe(false);
  });

  it("says what it cannot write, and fails when it could look up nothing", async () => {
    const repository = await folderWith({ "apps/demo/api/Dockerfile": "ARG V=24\nFROM node:$V\n" });
    const pins = await pinImages({ repository, check: false, lookUp });
    expect(describePins(pins, false)).toContain("apps/demo/api/Dockerfile:2: node:24 stays as it is: An ARG names it");
    const none = await pinImages({ repository, check: false, lookUp: () => lookUp("gone:1") });
    expect(hasFailed(none, false)).toBe(true);
  });
});

describe("lookUpDigest", () => {
  it("takes a token without a login, and asks for the index of all platforms", async () => {
    const { address, asked } = await registry((request, response, host) => {
      if (request.url?.startsWith("/token"))
        return void response.end(JSON.stringify({ token: "for-everybody", expires_in: 300 }));
      if (request.headers.authorization !== "Bearer for-everybody")
        return void response
          .writeHead(401, { "www-authenticate": `Bearer realm="http://${host}/token",service="here"` })
          .end();
      expect(request.headers.accept).toContain("application/vnd.oci.image.index.v1+json");
      response.writeHead(200, { "docker-content-digest": digestOf("c") }).end();
    });
    expect(await lookUpDigest(`${address}/team/web:1.2`)).toBe(digestOf("c"));
    expect(asked).toEqual([
      "HEAD /v2/team/web/manifests/1.2",
      "GET /token?service=here&scope=repository%3Ateam%2Fweb%3Apull",
      "HEAD /v2/team/web/manifests/1.2",
    ]);
  });

  it("makes the digest itself where the registry names none, and follows to another address", async () => {
    const other = await registry((_, response) => void response.end("{}"));
    const { address } = await registry(
      (request, response) =>
        void response.writeHead(307, { location: `http://${other.address}${request.url ?? ""}` }).end(),
    );
    expect(await lookUpDigest(`${address}/web`)).toBe(
      "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    );
    expect(other.asked).toEqual(["HEAD /v2/web/manifests/latest", "GET /v2/web/manifests/latest"]);
  });

  it.each([
    [404, {}, "has no web:1."],
    [403, {}, "wants a login"],
    [401, { "www-authenticate": 'Basic realm="x"' }, "wants a login"],
    [401, { "www-authenticate": 'Bearer realm="http://registry.example.com/token"' }, "only HTTPS is"],
    [307, { location: "http://registry.example.com/" }, "only HTTPS is"],
    [429, {}, "too many requests"],
    [500, {}, "status 500"],
    [200, { "docker-content-digest": "sha256:short" }, "an invalid digest"],
  ])("says in one line what an answer of status %i with %j means", async (status, headers, message) => {
    const { address } = await registry((_, response) => void response.writeHead(status, headers).end());
    const error: unknown = await lookUpDigest(`${address}/web:1`).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect((error as Error).message).not.toContain("\n");
  });

  it("says when nobody answers", async () => {
    await expect(lookUpDigest("127.0.0.1:9/web:1")).rejects.toThrow("127.0.0.1:9 cannot be reached");
  });
});
