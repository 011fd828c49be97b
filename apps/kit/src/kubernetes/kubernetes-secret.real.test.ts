import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../../../actions/lib/core/process.ts";
import { ensureSystemPackages } from "../../../../scripts/rehearsal/tools/system.ts";
import { temporaryFolder } from "../../testing/process.ts";
import { type ClusterAccess, createSecret } from "./kubernetes-secret.ts";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let access: ClusterAccess;
/** The answer's status, and what was asked. */
const cluster = { status: 201, asked: [] as { path: string | undefined; token: string | undefined; body: unknown }[] };
const parts = new AsyncDisposableStack();

/** A server with the one route of the cluster's API that is used, and a certificate of its own authority. */
beforeAll(async () => {
  folder = parts.use(await temporaryFolder("cluster"));
  const [key, certificate] = [join(folder.path, "tls.key"), join(folder.path, "ca.crt")];
  const subject = ["-subj", "/CN=cluster", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", key, "-out", certificate];
  const { openssl } = await ensureSystemPackages(["openssl"]);
  await run(openssl, [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    ...files,
    ...subject,
  ]);
  await writeFile(join(folder.path, "token"), "the-token\n");
  await writeFile(join(folder.path, "namespace"), "demo");
  const server = createServer({ key: await readFile(key), cert: await readFile(certificate) }, (request, response) => {
    void text(request).then((body) => {
      cluster.asked.push({ path: request.url, token: request.headers.authorization, body: JSON.parse(body) });
      response.writeHead(cluster.status).end(JSON.stringify({ kind: "Status", message: "not for you" }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  parts.defer(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? String(address.port) : "";
  access = { host: "127.0.0.1", port, folder: folder.path };
});
afterAll(() => parts.disposeAsync());

test("a Secret is created in the pod's own namespace, immutable", async () => {
  cluster.status = 201;
  expect(await createSecret("demo", { password: "p" }, access)).toBe("created");
  expect(cluster.asked.at(-1)).toMatchObject({
    path: "/api/v1/namespaces/demo/secrets",
    token: "Bearer the-token",
    body: { kind: "Secret", metadata: { name: "demo" }, immutable: true, stringData: { password: "p" } },
  });
});

test("one that is there is kept", async () => {
  cluster.status = 409;
  expect(await createSecret("demo", { password: "p" }, access)).toBe("kept");
});

test("a refusal is an error with the cluster's reason and without the values", async () => {
  cluster.status = 403;
  await expect(createSecret("demo", { password: "very-secret" }, access)).rejects.toThrow(
    "The cluster refused to create Secret demo: 403 not for you",
  );
});
