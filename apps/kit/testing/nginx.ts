import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureSystemPackages } from "../../../scripts/rehearsal/tools/system.ts";
import { type Daemon, eventually, freePort, startDaemon, temporaryFolder } from "./process.ts";

/** A gateway of a test's own. */
export interface TestNginx extends AsyncDisposable {
  port: number;
  daemon: Daemon;
}

/**
 * Starts a real nginx with an image's own configuration. Only what belongs to the place changes: the port 8080, the
 * folder /tmp, and the file `upstream.conf`, which says where the API is.
 *
 * @param folder the component's folder, with `nginx.conf`
 * @param upstreams the API's addresses, `host:port`
 */
export async function startNginx(folder: string, upstreams: string[]): Promise<TestNginx> {
  const { nginx } = await ensureSystemPackages(["nginx"]);
  const place = await temporaryFolder("nginx");
  const port = await freePort();
  await cp(folder, place.path, { recursive: true });
  const path = join(place.path, "nginx.conf");
  const text = await readFile(path, "utf8");
  const placed = text.replaceAll("/tmp/", `${place.path}/`).replaceAll("listen 8080", `listen 127.0.0.1:${port}`);
  await writeFile(path, placed);
  await writeFile(join(place.path, "upstream.conf"), upstreams.map((address) => `server ${address};\n`).join(""));
  const args = ["-p", place.path, "-c", path, "-g", "daemon off;"];
  const daemon = await startDaemon(nginx, args, { log: join(place.path, "nginx.log") });
  await eventually(async () => {
    if (daemon.child.exitCode !== null) throw new Error(`nginx ended:\n${await daemon.output()}`);
    await fetch(`http://127.0.0.1:${port}/gateway/health`);
  });
  return {
    port,
    daemon,
    async [Symbol.asyncDispose]() {
      await daemon.stop("SIGQUIT");
      await place[Symbol.asyncDispose]();
    },
  };
}
