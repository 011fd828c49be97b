import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../../../actions/lib/core/process.ts";
import { type Docker, ensureDocker } from "./docker.ts";
import { makeStandIns, standInFor } from "./stand-ins.ts";

const images = [
  "node:24.21.0-bookworm-slim",
  "nginx:1.28.0-bookworm",
  "postgres:15.18-bookworm",
  "redis:7.2.11-bookworm",
];
/** Names that no other use of the daemon has: the test must not retag a machine's real images. */
const standIns = images.map((image) => ({ ...standInFor(image), image: `slipway-test/${image}` }));

let docker: Docker;
let folder = "";
const inDocker = async (...args: string[]) =>
  (await run(docker.command, args, { env: docker.environment, timeout: 60_000 })).stdout.trim();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  docker = await ensureDocker();
  await makeStandIns(docker, standIns, join(folder, "log"));
});

afterAll(async () => {
  await inDocker("rmi", "--force", ...standIns.map((each) => each.image));
  await docker[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

it("runs Node.js and npm of the version in the tag, as the user node too", async () => {
  const image = `slipway-test/${images[0]}`;
  expect(await inDocker("run", "--rm", image, "--version")).toBe("v24.21.0");
  expect(await inDocker("run", "--rm", "--user", "node", image, "sh", "-c", "id -u && npm --version")).toMatch(
    /^1000\n11\./,
  );
});

it("fills nginx's templates and serves files without root", async () => {
  const image = `slipway-test/${images[1]}`;
  const script = "echo 'server { listen 8080; return 200 $" + "{GREETING}; }' > /etc/nginx/templates/x.conf.template";
  const serve =
    "/docker-entrypoint.sh nginx; sleep 1; exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3";
  const out = await inDocker("run", "--rm", "--env", "GREETING=hello", image, "bash", "-c", `${script}; ${serve}`);
  expect(out).toContain("hello");
});

it("initialises PostgreSQL as the official image documents, once", async () => {
  const name = `slipway-test-${process.pid}`;
  const sql = "create table t (a int); insert into t values (42);";
  await inDocker(
    "run",
    "--detach",
    "--name",
    name,
    "--env",
    "POSTGRES_USER=app",
    "--env",
    "POSTGRES_PASSWORD=pa$s'word",
    "--env",
    "POSTGRES_DB=demo",
    "--entrypoint",
    "bash",
    `slipway-test/${images[2]}`,
    "-c",
    `echo "${sql}" > /docker-entrypoint-initdb.d/1.sql; exec docker-entrypoint.sh postgres`,
  );
  try {
    const query = () =>
      inDocker(
        "exec",
        "--env",
        "PGPASSWORD=pa$s'word",
        name,
        "psql",
        "-h",
        "127.0.0.1",
        "-U",
        "app",
        "-At",
        "-c",
        "select a from t",
        "demo",
      );
    await expect.poll(query, { timeout: 30_000, interval: 500 }).toBe("42");
    expect(await inDocker("exec", name, "psql", "--version")).toContain("PostgreSQL) 15.");
    await inDocker("restart", name);
    await sleep(500);
    await expect.poll(query, { timeout: 30_000, interval: 500 }).toBe("42");
    const wrong = run(
      docker.command,
      ["exec", "--env", "PGPASSWORD=no", name, "psql", "-h", "127.0.0.1", "-U", "app", "demo"],
      {
        env: docker.environment,
      },
    );
    await expect(wrong).rejects.toThrow("password authentication failed");
  } finally {
    await inDocker("rm", "--force", "--volumes", name);
  }
  await expect(inDocker("run", "--rm", `slipway-test/${images[2]}`)).rejects.toThrow("POSTGRES_PASSWORD is not set");
});

it("runs Redis as its own user and answers other hosts", async () => {
  const image = `slipway-test/${images[3]}`;
  const ask =
    "docker-entrypoint.sh redis-server > /dev/null & sleep 1; redis-cli -h $(hostname -i) set a 1; cat /proc/$!/status | grep Uid";
  expect(await inDocker("run", "--rm", image, "bash", "-c", ask)).toMatch(/^OK\nUid:\s+999/);
});
