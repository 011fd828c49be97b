import { createHash } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { run } from "../core/process.ts";

const root = join(import.meta.dirname, "../../..");

/** A package of one file, as registries serve it. */
async function packedModule(folder: string): Promise<Buffer> {
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "late", version: "1.0.0" }));
  const { stdout } = await run("npm", ["pack", "--json"], { cwd: folder });
  const packed = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>)[0];
  return readFile(join(folder, packed?.filename ?? ""));
}

it("lets npm ask again within seconds when an answer never comes", async () => {
  const folders = await Promise.all(
    ["module", "project", "cache"].map((name) => mkdtemp(join(tmpdir(), `npm-${name}-`))),
  );
  onTestFinished(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });
  const [module = "", project = "", cache = ""] = folders;
  const tarball = await packedModule(module);
  const asked: number[] = [];
  const server = createServer((_, response) => {
    asked.push(performance.now());
    if (asked.length > 1) response.end(tarball); // the first answer is lost
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wants = { dependencies: { late: "1.0.0" } };
  const integrity = `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
  const late = { version: "1.0.0", resolved: `${registry}/late/-/late-1.0.0.tgz`, integrity };
  const lock = { lockfileVersion: 3, packages: { "": wants, "node_modules/late": late } };
  await writeFile(join(project, "package.json"), JSON.stringify(wants));
  await writeFile(join(project, "package-lock.json"), JSON.stringify(lock));
  await copyFile(join(root, ".npmrc"), join(project, ".npmrc"));

  // What this machine says about npm must not decide: only the settings in the repository do.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_config_|proxy/i.test(name)));
  const settings = [
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    `--registry=${registry}`,
    `--cache=${cache}`,
    "--userconfig=/dev/null",
  ];
  await run("npm", ["ci", ...settings], { cwd: project, env, timeout: 120_000 });
  const [first = 0, second = Infinity] = asked;
  expect(second - first).toBeLessThan(30_000);
});
