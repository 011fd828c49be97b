import { join } from "node:path";
import { startNginx, type TestNginx } from "@slipway/kit/testing/nginx.ts";
import { type Browser, chromium } from "playwright-core";
import { ensureSystemPackages } from "../../../scripts/rehearsal/tools/system.ts";

/**
 * Starts nginx with an interface's own configuration and the kit's, as both are in its image.
 *
 * @param folder the interface's folder, with `nginx/nginx.conf`
 * @param html what was built
 * @param backends `host:port`, for `upstream.conf`; none where nothing is led to a backend
 */
export function startInterface(folder: string, html: string, backends: string[] = []): Promise<TestNginx> {
  return startNginx(join(folder, "nginx"), backends, { html, folders: { ui: join(import.meta.dirname, "../nginx") } });
}

/** Starts Debian's Chromium. */
export async function startBrowser(): Promise<Browser> {
  const { chromium: executablePath } = await ensureSystemPackages(["chromium"]);
  // As root it needs to be told that its sandbox is not wanted.
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}
