import { cp, glob, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureSystemPackages } from "../../../scripts/rehearsal/tools/system.ts";
import { type Daemon, eventually, freePort, startDaemon, temporaryFolder } from "./process.ts";

/** A gateway of a test's own. */
export interface TestNginx extends AsyncDisposable {
  port: number;
  /** Where what has come in by TLS arrives, and where what has come in without it is led to TLS. */
  https: number;
  redirect: number;
  daemon: Daemon;
}

/**
 * Starts a real nginx with an image's own configuration. Only what belongs to the place changes: the ports, the
 * folder /tmp, the folder of the files that it serves, and the file `upstream.conf`, which says where the API is.
 *
 * @param folder the component's folder, with `nginx.conf`
 * @param upstreams the API's addresses, `host:port`
 * @param options `html`: what the image has in /usr/share/nginx/html; copied, as nginx's workers may read less than we.
 * `folders`: what the image has in folders of /etc/nginx besides, by their names there
 */
export async function startNginx(
  folder: string,
  upstreams: string[],
  options: { html?: string; folders?: Record<string, string> } = {},
): Promise<TestNginx> {
  const { nginx } = await ensureSystemPackages(["nginx"]);
  const place = await temporaryFolder("nginx");
  const [port, https, redirect] = [await freePort(), await freePort(), await freePort()];
  await cp(folder, place.path, { recursive: true });
  for (const [name, shared] of Object.entries(options.folders ?? {}))
    await cp(shared, join(place.path, name), { recursive: true });
  const html = join(place.path, "html");
  if (options.html) await cp(options.html, html, { recursive: true });
  for await (const name of glob("**/*.conf", { cwd: place.path })) {
    const text = await readFile(join(place.path, name), "utf8");
    const placed = text
      .replaceAll("/tmp/", `${place.path}/`)
      .replaceAll("/usr/share/nginx/html", html)
      .replaceAll("listen 8080", `listen 127.0.0.1:${port}`)
      .replaceAll("listen 8443", `listen 127.0.0.1:${https}`)
      .replaceAll("listen 8081", `listen 127.0.0.1:${redirect}`)
      .replaceAll("8443 https;", `${https} https;`);
    await writeFile(join(place.path, name), placed);
  }
  await writeFile(join(place.path, "upstream.conf"), upstreams.map((address) => `server ${address};\n`).join(""));
  const args = ["-p", place.path, "-c", join(place.path, "nginx.conf"), "-g", "daemon off;"];
  const daemon = await startDaemon(nginx, args, { log: join(place.path, "nginx.log") });
  await eventually(async () => {
    if (daemon.child.exitCode !== null) throw new Error(`nginx ended:\n${await daemon.output()}`);
    await fetch(`http://127.0.0.1:${port}/gateway/health`);
  });
  return {
    port,
    https,
    redirect,
    daemon,
    async [Symbol.asyncDispose]() {
      await daemon.stop("SIGQUIT");
      await place[Symbol.asyncDispose]();
    },
  };
}
