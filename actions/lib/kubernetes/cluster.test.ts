import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { apiServer, clusterName, clusterToken, keptToken } from "./cluster.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example/secret", sessionToken: "a+b/c==" };
const question = { name: "demo-dev", region: "eu-west-1", credentials: () => Promise.resolve(credentials) };

/** What the signature must be, after https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf(url: URL, headers: Record<string, string>): string {
  const parameter = (name: string) => url.searchParams.get(name) ?? "";
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&");
  const names = parameter("X-Amz-SignedHeaders").split(";");
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const request = ["GET", "/", query, lines, names.join(";"), sha256("")].join("\n");
  const [, ...scope] = parameter("X-Amz-Credential").split("/");
  const key = scope.reduce(
    hmac as (key: string | Buffer, text: string) => Buffer,
    `AWS4${credentials.secretAccessKey}`,
  );
  const text = ["AWS4-HMAC-SHA256", parameter("X-Amz-Date"), scope.join("/"), sha256(request)].join("\n");
  return hmac(key, text).toString("hex");
}

describe("a cluster's token", () => {
  it("is a question to STS of the region who we are, signed for this cluster alone", async () => {
    const token = await clusterToken(question);
    const [prefix, encoded = ""] = token.split(".");
    expect(prefix).toBe("k8s-aws-v1");
    expect(encoded).toMatch(/^[\w-]+$/);
    const url = new URL(Buffer.from(encoded, "base64url").toString());
    expect(`${url.origin}${url.pathname}`).toBe("https://sts.eu-west-1.amazonaws.com/");
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: "GetCallerIdentity",
      Version: "2011-06-15",
      "X-Amz-Expires": "60",
      "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
      "X-Amz-Security-Token": credentials.sessionToken,
    });
    expect(url.searchParams.get("X-Amz-Credential")).toMatch(/^AKIDEXAMPLE\/\d{8}\/eu-west-1\/sts\/aws4_request$/);
    const signature = url.searchParams.get("X-Amz-Signature");
    expect(signature).toBe(signatureOf(url, { host: url.host, "x-k8s-aws-id": "demo-dev" }));
    expect(signature).not.toBe(signatureOf(url, { host: url.host, "x-k8s-aws-id": "demo-prod" }));
  });

  it("is made again before it ends, once for all who ask at the same time", async () => {
    let time = 0;
    let made = 0;
    const token = keptToken(
      () => Promise.resolve(`token ${++made}`),
      () => time,
    );
    expect(await Promise.all([token(), token()])).toEqual(["token 1", "token 1"]);
    time = 8 * 60_000;
    expect(await token()).toBe("token 1");
    time = 10 * 60_000;
    expect(await token()).toBe("token 2");
  });

  it("is tried again after it could not be made", async () => {
    let made = 0;
    const token = keptToken(() => (++made === 1 ? Promise.reject(new Error("refused")) : Promise.resolve("token")));
    await expect(token()).rejects.toThrow("refused");
    expect(await token()).toBe("token");
  });
});

describe("where the API server is", () => {
  const data = Buffer.from("-----BEGIN CERTIFICATE-----\n").toString("base64");
  const cluster = { endpoint: "https://example.eks", certificateAuthority: { data } };

  it.each(["ACTIVE", "UPDATING"] as const)("is known of a cluster that is %s", (status) => {
    expect(apiServer("demo-dev", { ...cluster, status })).toEqual({
      server: "https://example.eks",
      certificateAuthority: "-----BEGIN CERTIFICATE-----\n",
    });
  });

  it.each(["CREATING", "DELETING", "FAILED"] as const)("is one clear line of a cluster that is %s", (status) => {
    const look = () => apiServer("demo-dev", { ...cluster, status });
    expect(look).toThrow(`The EKS cluster demo-dev is ${status}.`);
    expect(look).toThrow(expect.objectContaining({ reason: "cluster-not-active" }));
  });

  it("is not known where EKS names no certificate yet", () => {
    const look = () => apiServer("demo-dev", { status: "ACTIVE", endpoint: "https://example.eks" });
    expect(look).toThrow("demo-dev is ACTIVE, but without an address or a certificate.");
  });
});

it("names a cluster after its project and environment", () => {
  expect(clusterName({ project: "demo" }, "dev")).toBe("demo-dev");
});
