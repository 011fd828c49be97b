import { describe, expect, it } from "vitest";
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
    ["an endpoint that is no address", token, "host"],
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
    expect(registry.repositoryName("visits-api")).toBe("slipway/visits-api");
    expect(registry.repositoryUri("visits-api")).toBe(
      "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/visits-api",
    );
    await expect(registry.find([])).resolves.toEqual(new Map());
  });
});
