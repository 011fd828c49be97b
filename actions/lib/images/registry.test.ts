import { createServer } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openRegistry, parseLogin } from "./registry.ts";

describe("parseLogin", () => {
  const token = Buffer.from("AWS:a:pass:word").toString("base64");

  it("keeps the port and a password with colons", () => {
    expect(parseLogin(token, "http://127.0.0.1:4566")).toEqual({
      server: "127.0.0.1:4566",
      username: "AWS",
      password: "a:pass:word",
    });
  });

  it("leaves the usual port out", () => {
    expect(parseLogin(token, "https://000000000000.dkr.ecr.us-east-1.amazonaws.com").server).toBe(
      "000000000000.dkr.ecr.us-east-1.amazonaws.com",
    );
  });

  it.each([
    ["a token without a user", Buffer.from("password").toString("base64"), "https://host"],
    ["an endpoint that is not an address", token, "host"],
  ])("refuses %s", (_, given, endpoint) => {
    expect(() => parseLogin(given, endpoint)).toThrow("cannot be read");
  });
});

describe("openRegistry", () => {
  it("names repositories for Docker and for manifests, asking nothing", async () => {
    const registry = await openRegistry({
      account: "000000000000",
      region: "eu-west-1",
      project: "slipway",
      credentials: () => Promise.reject(new Error("asked")),
    });
    expect(registry.repositoryName("guests-api")).toBe("slipway/guests-api");
    expect(registry.repositoryUri("guests-api")).toBe(
      "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/guests-api",
    );
    await expect(registry.find([])).resolves.toEqual(new Map());
  });
});

/** An ECR that answers every question with these images. */
async function playEcr(imageDetails: readonly object[]) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify({ imageDetails }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
  return {
    registry: await openRegistry({
      account: "000000000000",
      region: "eu-west-1",
      project: "slipway",
      credentials: () => Promise.resolve({ accessKeyId: "test", secretAccessKey: "test" }),
    }),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

describe("an image in ECR's archive", () => {
  afterEach(() => void vi.unstubAllEnvs());
  const image = { name: "guests-api", key: "0".repeat(64) };
  const digest = `sha256:${"1".repeat(64)}`;
  const detail = { imageDigest: digest, imageTags: [image.key], imageSizeInBytes: 1, imagePushedAt: 0 };

  it.each([["ARCHIVED"], ["ACTIVATING"]])("that is %s is not there: nothing can pull it", async (imageStatus) => {
    await using ecr = await playEcr([{ ...detail, imageStatus }]);
    expect(await ecr.registry.look(image)).toEqual({ state: "absent", archived: true });
    expect(await ecr.registry.find([image])).toEqual(new Map());
    expect(await ecr.registry.keysOf({ name: image.name, digest })).toEqual([]);
  });

  it.each([[{ imageStatus: "ACTIVE" }], [{}]])("is told from one with %j, which is there", async (status) => {
    await using ecr = await playEcr([{ ...detail, ...status }]);
    expect(await ecr.registry.look(image)).toMatchObject({ state: "present", image: { digest } });
    expect(await ecr.registry.keysOf({ name: image.name, digest })).toEqual([image.key]);
  });
});
