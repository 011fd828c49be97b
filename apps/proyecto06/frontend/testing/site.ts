import { join } from "node:path";
import type { TestNginx } from "@slipway/kit/testing/nginx.ts";
import { buildInterface } from "@slipway/ui/testing/build.ts";
import { startBrowser, startInterface } from "@slipway/ui/testing/site.ts";
import type { Browser } from "playwright-core";
import { BackendDouble } from "./backend.ts";

const folder = join(import.meta.dirname, "..");

/** The console as it is deployed, with a backend of the test's own and a real browser before it. */
export interface Site extends AsyncDisposable {
  origin: string;
  nginx: TestNginx;
  backend: BackendDouble;
  browser: Browser;
}

/** Builds the console for production, as its image does, unless nothing has changed since that was last done. */
export function build(): Promise<string> {
  return buildInterface(folder, ["apps/contract"]);
}

/** Starts nginx with the image's own configuration. */
export function startConsole(html: string, backend: string): Promise<TestNginx> {
  return startInterface(folder, html, [backend]);
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
    origin: `http://127.0.0.1:${nginx.port}`,
    nginx,
    backend,
    browser,
    [Symbol.asyncDispose]: () => ours.disposeAsync(),
  };
}
