import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { ensureSystemPackages } from "../../../scripts/rehearsal/tools/system.ts";
import { type Daemon, eventually, freePort, startDaemon, temporaryFolder } from "./process.ts";

/** A Redis server of a test's own. */
export interface TestRedis extends AsyncDisposable {
  port: number;
  /** The running server's process; SIGSTOP makes it hang. */
  daemon(): Daemon;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what its append-only file kept or with nothing. */
  start(options?: { empty?: boolean }): Promise<void>;
}

/** Starts a real Redis in a temporary folder on a free port. */
export async function startRedis(): Promise<TestRedis> {
  const { "redis-server": redis } = await ensureSystemPackages(["redis-server"]);
  const folder = await temporaryFolder("redis");
  const port = await freePort();
  const log = join(folder.path, "redis.log");
  const launch = async (append: boolean) => {
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder.path, "--save", ""];
    const daemon = await startDaemon(redis, [...args, "--appendonly", append ? "yes" : "no"], { log });
    await eventually(() => ping(port));
    return daemon;
  };
  let daemon = await launch(true);
  return {
    port,
    daemon: () => daemon,
    async kill() {
      await daemon.stop("SIGKILL");
    },
    async start({ empty = false } = {}) {
      daemon = await launch(!empty);
    },
    async [Symbol.asyncDispose]() {
      await daemon.stop("SIGKILL");
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function ping(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write("PING\r\n");
    const [reply] = (await once(socket, "data")) as [Buffer];
    if (!String(reply).startsWith("+PONG")) throw new Error(`Redis answered ${String(reply)}`);
  } finally {
    socket.destroy();
  }
}
