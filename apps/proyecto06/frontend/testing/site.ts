import { join } from "node:path";
import { startNginx, type TestNginx } from "@slipway/kit/testing/nginx.ts";
import { ensureSystemPackages } from "../../../../scripts/rehearsal/tools/system.ts";
import { run } from "../../../../actions/lib/process.ts";
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

/** Builds the console for production, as its image does. */
export async function build(): Promise<string> {
  await run("npm", ["run", "build", "--workspace=@slipway/proyecto06-frontend"], { cwd: join(folder, "../../..") });
  return join(folder, "dist");
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
