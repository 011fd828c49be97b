import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BackgroundProcess, startDaemon } from "../../docker/daemon.ts";
import { freePort } from "../../tools/listening.ts";
import { ensurePython } from "../../tools/python.ts";

/** How the AWS emulator is started. */
export interface EmulatorOptions {
  /** The file that gets its log; what it held is lost. A scratch folder is made next to it. */
  log: string;
  /**
   * Take only access keys that exist, and evaluate IAM and trust policies; everything is allowed when left out. The
   * signatures of requests and of OIDC tokens are not verified.
   */
  auth?: boolean;
  /** The address that it listens on: 127.0.0.1 when left out; a bridge's, where containers must reach it. */
  host?: string;
  /** The account that owns everything, 12 digits; `000000000000` when left out. */
  account?: string;
  /** The region of requests that name none; `us-east-1` when left out. */
  region?: string;
  /** Lets EKS start a container for each cluster; without it a cluster is a record and Docker is never asked. */
  cluster?: {
    /** An image with the interface of rancher/k3s. */
    image: string;
    /** The daemon's address, as DOCKER_HOST takes it. */
    dockerHost: string;
  };
}

/** A running AWS emulator: everything is in its memory and ends with it. */
export interface Emulator extends AsyncDisposable {
  /** What AWS_ENDPOINT_URL names. */
  readonly endpoint: string;
  readonly port: number;
  readonly account: string;
  /** The account's root user, who may do everything also where policies are evaluated. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly pid: number;
  readonly log: string;
  /** Ends it. Safe to call twice. */
  stop(): Promise<void>;
}

/** What this emulator's containers are known by: their label `ministack.instance` begins with it. */
export const emulatorName = "slipway-rehearsal";

/** MiniStack's own start, with what must be put right inside of it. */
const patches = join(import.meta.dirname, "emulator-patches.py");

/** The root user's keys. Signatures are not verified, so that whoever knows these may do everything. */
export const rootCredentials = { accessKeyId: "test", secretAccessKey: "test" } as const;

/**
 * Starts MiniStack on a free port and waits until it answers. It ends with us, also when we are killed.
 *
 * @throws SlipwayError with its last words when it does not start
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const tools = await ensurePython();
  const host = options.host ?? "127.0.0.1";
  const account = options.account ?? "000000000000";
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(dirname(options.log), "aws-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));

  // The port is free when it is asked for; another process may still take it before the emulator does.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(host);
    const endpoint = `http://${host}:${port}`;
    const daemon = await startDaemon("The AWS emulator", tools.python, [patches], {
      log: options.log,
      cwd: folder,
      env: await environment(options, { host, port, account, folder }),
    });
    try {
      await daemon.ready(() => answers(endpoint, daemon), 60_000);
      undo.use(daemon);
      const release = undo.move();
      const stop = () => release.disposeAsync();
      return {
        endpoint,
        port,
        account,
        credentials: rootCredentials,
        pid: daemon.pid,
        log: options.log,
        stop,
        [Symbol.asyncDispose]: stop,
      };
    } catch (error) {
      await daemon.stop();
      if (attempt === 3) throw error;
      await sleep(200);
    }
  }
}

/**
 * MiniStack's switches, as its README and sources of 1.5.33 name them. Its environment is not ours: a person's AWS
 * variables would become the root user's, and a proxy's settings would send requests to itself astray.
 */
async function environment(
  options: EmulatorOptions,
  at: { host: string; port: number; account: string; folder: string },
): Promise<NodeJS.ProcessEnv> {
  return {
    PATH: process.env.PATH,
    HOME: at.folder,
    TMPDIR: at.folder,
    PYTHONDONTWRITEBYTECODE: "1",
    GATEWAY_PORT: String(at.port),
    // Begins the label that it puts on its containers.
    MINISTACK_HOSTNAME: emulatorName,
    BIND_HOST: at.host,
    // Part of the addresses that it gives out. A cluster's API is published on this machine's loopback address, whatever
    // address the clusters themselves reach the emulator at.
    MINISTACK_HOST: options.cluster ? "127.0.0.1" : at.host,
    MINISTACK_ACCOUNT_ID: at.account,
    MINISTACK_REGION: options.region ?? "us-east-1",
    AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
    AUTH: String(options.auth ?? false),
    PERSIST_STATE: "0",
    S3_PERSIST: "0",
    // Listeners on fixed ports, which a second emulator could not open.
    SFTP_ENABLED: "0",
    IOT_MTLS_ENABLED: "0",
    LOG_LEVEL: "INFO",
    ...(options.cluster
      ? {
          DOCKER_HOST: options.cluster.dockerHost,
          EKS_K3S_IMAGE: options.cluster.image,
          EKS_BASE_PORT: String(await freePort("0.0.0.0")),
        }
      : // A socket that is not there is how it is told that there is no Docker.
        { DOCKER_HOST: `unix://${join(at.folder, "no-docker.sock")}` }),
  };
}

/** Whether it is our process that answers, and not one that was quicker to take the port. */
async function answers(endpoint: string, daemon: BackgroundProcess): Promise<boolean> {
  const response = await fetch(`${endpoint}/_ministack/ready`, { signal: AbortSignal.timeout(2_000) });
  await response.arrayBuffer();
  return response.ok && !daemon.ended;
}
