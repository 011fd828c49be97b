import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { ensureBuildx } from "../../scripts/rehearsal/docker/buildx.ts";
import { ensureDocker } from "../../scripts/rehearsal/docker/docker.ts";
import { startEmulator } from "../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy as AwsProxy, startProxy } from "../../scripts/rehearsal/aws/proxy/proxy.ts";
import { awsCredentials } from "../lib/aws/credentials.ts";
import { type BuildResult, buildError, buildImages, readSource } from "./build.ts";
import { discoverImages } from "../lib/images/image.ts";
import { run } from "../lib/core/process.ts";
import { openRegistry, type Registry } from "../lib/images/registry.ts";
import { commitFiles, type TestRepository, temporaryRepository } from "../testing/repository.ts";

const project = "slipway";
const region = "us-east-1";
const account = "000000000000";
/** A Dockerfile that starts from nothing, so that no base image is needed. */
const copying = (component: string) => `FROM scratch\nWORKDIR /srv\nCOPY apps/demo/${component}/data /srv/data\n`;

const world = new AsyncDisposableStack();
let folder: string;
let env: NodeJS.ProcessEnv;
let proxy: AwsProxy;
let registry: Registry;
let lines: string[];
let repository: TestRepository;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-build-test-"));
  world.defer(() => rm(folder, { recursive: true, force: true }));
  const docker = world.use(await ensureDocker());
  const buildx = await ensureBuildx(docker, join(folder, "buildx.log"));
  const emulator = world.use(await startEmulator({ log: join(folder, "emulator.log") }));
  proxy = world.use(await startProxy({ upstream: emulator.endpoint }));
  env = { ...docker.environment, RUNNER_TEMP: join(folder, "temp") };
  if (buildx.folder) {
    env.DOCKER_CONFIG = join(folder, "docker");
    await mkdir(env.DOCKER_CONFIG);
    await writeFile(join(env.DOCKER_CONFIG, "config.json"), JSON.stringify({ cliPluginsExtraDirs: [buildx.folder] }));
  }
  await mkdir(join(folder, "temp"));
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  const credentials = awsCredentials({ region, sessionName: "test", env: {} });
  registry = await openRegistry({ account, region, project, credentials });
  const ecr = new ECRClient({ region, credentials });
  for (const name of ["demo-one", "demo-two", "demo-broken"])
    await ecr.send(
      new CreateRepositoryCommand({ repositoryName: `${project}/${name}`, imageTagMutability: "IMMUTABLE" }),
    );
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await world.disposeAsync();
});

beforeEach(async () => {
  lines = [];
  repository = await temporaryRepository();
});

afterEach(async () => {
  await repository[Symbol.asyncDispose]();
  expect(await readdir(join(folder, "temp"))).toEqual([]);
});

/** Commits a component of the app `demo` with its own data, which makes its content key. */
async function commit(component: string, data: string, dockerfile = copying(component)): Promise<void> {
  const at = `apps/demo/${component}`;
  await commitFiles(repository.path, {
    [`${at}/Dockerfile`]: dockerfile,
    [`${at}/Dockerfile.dockerignore`]: `*\n!${at}/data\n`,
    [`${at}/data`]: data,
  });
}

async function build(using: Registry = registry, environment = env): Promise<BuildResult[]> {
  return buildImages({
    repository: repository.path,
    source: await readSource(repository.path, "https://github.com", "owner/name"),
    images: await discoverImages(repository.path),
    registry: using,
    log: { group: (_, work) => work(), line: (line) => lines.push(line), notice: () => {} },
    env: environment,
  });
}

/** A registry whose first answer for `name` comes from before another run pushed it. */
function outdated(name: string): Registry {
  let asked = false;
  return {
    ...registry,
    look: (image) => {
      const early = image.name === name && !asked;
      asked ||= early;
      return early ? Promise.resolve({ state: "absent" }) : registry.look(image);
    },
  };
}

async function fetchJson(path: string): Promise<{ digest: string; body: Record<string, never> }> {
  const { username, password } = await registry.login();
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const answer = await fetch(`${proxy.endpoint}/v2/${project}/${path}`, { headers: { authorization } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  return {
    digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
    body: JSON.parse(bytes.toString()) as Record<string, never>,
  };
}

it("builds an image, pushes it under its key and reports what the registry holds", async () => {
  await commit("one", "first");
  const [result] = await build();
  if (result?.result !== "built") throw new Error(`${result?.result}:\n${lines.join("\n")}`);
  const manifest = await fetchJson(`demo-one/manifests/${result.key}`);
  expect(result.digest).toBe(manifest.digest);
  const { config: descriptor, layers } = manifest.body as unknown as { config: { digest: string }; layers: unknown[] };
  expect(layers).toHaveLength(2);
  const config = (await fetchJson(`demo-one/blobs/${descriptor.digest}`)).body as unknown as {
    config: { Labels: Record<string, string> };
  };
  const { revision, date } = await readSource(repository.path, "", "");
  expect(config.config.Labels).toEqual({
    "org.opencontainers.image.title": "demo-one",
    "org.opencontainers.image.revision": revision,
    "org.opencontainers.image.source": "https://github.com/owner/name",
    "org.opencontainers.image.created": date.toISOString(),
  });
  const { stdout: local } = await run("docker", ["images", "--format", "{{.Repository}}:{{.Tag}}"], { env });
  expect(local).not.toContain(result.key);
});

it("adopts an image that is there with one request and without Docker", async () => {
  await commit("one", "second");
  const [first] = await build();
  expect(first?.result, lines.join("\n")).toBe("built");
  const before = proxy.requests.length;
  const [second] = await build(registry, { ...env, DOCKER_HOST: "unix:///nowhere", DOCKER_CONFIG: "/nowhere" });
  expect(second).toMatchObject({ result: "adopted", key: first?.key, digest: (first as { digest: string }).digest });
  expect(proxy.requests.slice(before)).toHaveLength(1);
});

it("takes the image of a run that was faster, and never overwrites it", async () => {
  await commit("one", "third");
  const [first] = await build();
  if (first?.result !== "built") throw new Error(lines.join("\n"));
  await commitFiles(repository.path, { "README.md": "The same image, another revision: its labels differ." });
  lines = [];
  const [second] = await build(outdated("demo-one"));
  expect(lines.join("\n")).toMatch(/ERROR: .*immutable/);
  expect(second).toMatchObject({ result: "raced", key: first.key, digest: first.digest });
  expect((await fetchJson(`demo-one/manifests/${first.key}`)).digest).toBe(first.digest);
});

it("names what failed in a Dockerfile and still builds the others", async () => {
  await commit("broken", "data", `${copying("broken")}RUN ["/srv/nothing"]\n`);
  await commit("two", "first");
  const results = await build();
  expect(results.map((each) => [each.name, each.result])).toEqual([
    ["demo-broken", "failed"],
    ["demo-two", "built"],
  ]);
  const error = buildError(results);
  expect(error?.message).toMatch(
    /^1 of 2 images failed: demo-broken\.\ndemo-broken \(apps\/demo\/broken\/Dockerfile\)/,
  );
  expect(error?.message).toContain('RUN ["/srv/nothing"]');
  expect(error?.message).toMatch(/no such file or directory/);
});

it("says how to get a repository that is missing, and builds nothing for it", async () => {
  await commit("unknown", "data");
  const results = await build();
  expect(results).toMatchObject([{ name: "demo-unknown", result: "failed", error: { reason: "no-repository" } }]);
  expect(buildError(results)?.message).toContain(
    "ECR has no repository slipway/demo-unknown. terraform/registry makes",
  );
  expect(lines).toEqual([]);
});

it("says that Docker does not answer, whichever of its commands notices first", async () => {
  await commit("two", "second");
  await expect(build(registry, { ...env, DOCKER_HOST: "unix:///nowhere/docker.sock" })).rejects.toThrow(
    /^Docker (could not log in to|has no builder that answers).*\/nowhere\/docker\.sock/,
  );
});

it("tells a workflow what became of each image", async () => {
  await commit("two", "third");
  await commit("broken", "third", `${copying("broken")}RUN ["/srv/nothing"]\n`);
  const config = {
    project,
    aws: { account, region },
    git: { repository: "owner/name" },
    environments: { dev: { cluster: { publicAccessCidrs: ["203.0.113.0/24"] } } },
  };
  await commitFiles(repository.path, { "slipway.yaml": JSON.stringify(config) });
  const [outputs, summary] = [join(folder, "outputs"), join(folder, "summary")];
  await Promise.all([writeFile(outputs, ""), writeFile(summary, "")]);
  const { code, stdout } = await run(process.execPath, [join(import.meta.dirname, "main.ts")], {
    cwd: repository.path,
    okCodes: [0, 1],
    env: {
      ...process.env,
      ...env,
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      GITHUB_OUTPUT: outputs,
      GITHUB_STEP_SUMMARY: summary,
      INPUT_IMAGES: "demo-broken,demo-two",
    },
  });
  expect(code).toBe(1);
  expect(stdout).toMatch(/::error::1 of 2 images failed: demo-broken\./);
  expect(stdout).toMatch(/::group::Build demo-two\n/);
  const written = await readFile(outputs, "utf8");
  expect(written).toMatch(/failure-reason<<.*\nbuild-failed\n/);
  const images = JSON.parse(/images<<.*\n(.*)\n/.exec(written)?.[1] ?? "") as unknown;
  expect(images).toEqual([
    {
      name: "demo-two",
      key: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      result: "built",
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      size: expect.any(Number) as number,
      seconds: expect.any(Number) as number,
    },
  ]);
  expect(await readFile(summary, "utf8")).toMatch(/\| demo-two \| built \| `sha256:[0-9a-f]{12}` \|/);
});
