import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startNginx, type TestNginx } from "@slipway/kit/testing/nginx.ts";
import { ensureSystemPackages } from "../../../../scripts/rehearsal/tools/system.ts";
import { exists } from "../../../../actions/lib/core/files.ts";
import { gitText } from "../../../../actions/lib/git/git.ts";
import { run } from "../../../../actions/lib/core/process.ts";
import { type Browser, chromium } from "playwright-core";
import { BackendDouble } from "./backend.ts";

const folder = join(import.meta.dirname, "..");

/** The console as it is deployed, with a backend of the test's own and a real browser before it. */
export interface Site extends AsyncDisposable {
  origin: string;
  nginx: TestNginx;
  backend: BackendDouble;
  browser: Browser;
}

/** What a build is made of, from the repository's root. */
const sources = ["apps/proyecto06/frontend", "apps/proyecto06/contract", "package-lock.json"];
const root = join(folder, "../../..");

/** Builds the console for production, as its image does, unless nothing has changed since that was last done. */
export async function build(): Promise<string> {
  const names = await gitText(root, [
    ...["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...sources],
  ]);
  const hash = createHash("sha256");
  for (const name of names.split("\0").filter(Boolean).sort())
    hash.update(`${name}\0`).update(await readFile(join(root, name)).catch(() => "gone"));
  const key = hash.digest("hex");
  const stamp = join(folder, ".angular", "built");
  const dist = join(folder, "dist");
  if (!(await exists(dist)) || (await readFile(stamp, "utf8").catch(() => "")) !== key) {
    await rm(stamp, { force: true });
    await run("npm", ["run", "build", "--workspace=@slipway/proyecto06-frontend"], { cwd: root });
    await mkdir(dirname(stamp), { recursive: true });
    await writeFile(stamp, key);
  }
  return dist;
}

/** Starts nginx with the image's own configuration. */
export function startConsole(html: string, backend: string): Promise<TestNginx> {
  return startNginx(join(folder, "nginx"), [backend], { html });
}

/** Starts Debian's Chromium. */
export async function startBrowser(): Promise<Browser> {
  const { chromium: executablePath } = await ensureSystemPackages(["chromium"]);
  // As root it needs to be told that its sandbox is not wanted.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

/** Starts the console before a backend double, and a browser. */
export async function startSite(html: string): Promise<Site> {
  await using parts = new AsyncDisposableStack();
  const backend = parts.use(new BackendDouble());
  const nginx = parts.use(await startConsole(html, await backend.start()));
  const browser = await startBrowser();
  parts.defer(() => browser.close());
  const ours = parts.move();
  return {
    ...{ origin: `http://127.0.0.1:${nginx.port}`, nginx, backend, browser },
    [Symbol.asyncDispose]: () => ours.disposeAsync(),
  };
}
