import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ECR } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { ensureDocker } from "../docker/docker.ts";
import { startEmulator } from "./emulator/emulator.ts";
import { type Proxy, startProxy } from "./proxy/proxy.ts";

const parts = new AsyncDisposableStack();
let proxy: Proxy;
let ecr: ECR;
let folder: string;
let docker: (...args: string[]) => Promise<string>;
let logIn: () => Promise<void>;
/** A name that this test uses in the machine's daemon. */
const local = `slipway-registry-test:${String(process.pid)}`;
const repositoryName = "project/guests-api";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-registry-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const emulator = parts.use(await startEmulator({ log: join(folder, "emulator.log") }));
  proxy = parts.use(await startProxy({ upstream: emulator.endpoint }));
  ecr = new ECR({ region: "eu-central-1", credentials: emulator.credentials, endpoint: proxy.endpoint });
  const { command, environment } = parts.use(await ensureDocker());
  // The login of these tests is nobody's but theirs.
  const env = { ...environment, DOCKER_CONFIG: folder };
  docker = async (...args) => (await run(command, args, { env, timeout: 120_000 })).stdout.trim();
  logIn = async () => {
    const { authorizationData } = await ecr.getAuthorizationToken({});
    const { authorizationToken = "", proxyEndpoint = "" } = authorizationData?.[0] ?? {};
    const [username = "", input = ""] = Buffer.from(authorizationToken, "base64").toString().split(":");
    await run(command, ["login", "--username", username, "--password-stdin", proxyEndpoint], { env, input });
  };
  await ecr.createRepository({ repositoryName, imageTagMutability: "IMMUTABLE" });
  const archive = join(folder, "layer.tar");
  await run("tar", ["-cf", archive, "-C", import.meta.dirname, "."]);
  await docker("import", archive, local);
  parts.defer(async () => {
    await docker("rmi", "--force", local);
  });
});
afterAll(() => parts.disposeAsync());

/** The image under its name in the registry, until the test ends. */
async function tagged(tag: string): Promise<AsyncDisposable & { name: string }> {
  const name = `${new URL(proxy.endpoint).host}/${repositoryName}:${tag}`;
  await docker("tag", local, name);
  const remove = async () => {
    await docker("rmi", "--force", name);
  };
  return { name, [Symbol.asyncDispose]: remove };
}

test("nobody pushes without having logged in", async () => {
  await using image = await tagged("refused");
  await expect(docker("push", image.name)).rejects.toThrow(/no basic auth credentials|denied|unauthorized/i);
  expect((await ecr.describeImages({ repositoryName })).imageDetails).toEqual([]);
});

test("Docker logs in with ECR's token, pushes, and pulls the same image by its digest", async () => {
  await logIn();
  await using image = await tagged("1");
  const pushed = /digest: (sha256:[0-9a-f]{64})/.exec(await docker("push", image.name))?.[1];
  const { imageDetails } = await ecr.describeImages({ repositoryName });
  expect(imageDetails).toMatchObject([{ imageDigest: pushed, imageTags: ["1"] }]);
  // Its manifest has some hundred bytes; its layer, this folder, has thousands.
  expect(imageDetails?.[0]?.imageSizeInBytes).toBeGreaterThan(5_000);

  const id = await docker("inspect", "--format", "{{.Id}}", image.name);
  const byDigest = `${image.name.replace(/:1$/, "")}@${String(pushed)}`;
  await docker("rmi", "--force", image.name);
  await docker("pull", byDigest);
  expect(await docker("inspect", "--format", "{{.Id}}", byDigest)).toBe(id);
  await docker("rmi", "--force", byDigest);
  expect(proxy.counts.get("registry:PUT manifests")).toBe(1);
});

test("a tag is never pushed over", async () => {
  await logIn();
  await using image = await tagged("2");
  await docker("push", image.name);
  await docker("import", "--change", 'CMD ["other"]', join(folder, "layer.tar"), image.name);
  await expect(docker("push", image.name)).rejects.toThrow(/immutable/i);
});

test("an injected failure of the registry is what Docker reports", async () => {
  await logIn();
  await using image = await tagged("3");
  using _fault = proxy.faults.add({ service: "registry", kind: "access-denied" });
  await expect(docker("push", image.name)).rejects.toThrow(/denied/);
});
