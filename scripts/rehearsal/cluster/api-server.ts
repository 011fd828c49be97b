import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import https from "node:https";
import { join } from "node:path";
import { exists } from "../../../actions/lib/core/files.ts";
import type { ApiServerAccess } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { type BackgroundProcess, startDaemon } from "../docker/daemon.ts";
import { freePort } from "../tools/listening.ts";
import { ensureClusterPrograms } from "./programs.ts";

/** How an API server is started. */
export interface ApiServerOptions {
  /** A folder of its own for its data, its secrets and the logs of its parts: made here, and left to the caller. */
  folder: string;
  /** The file that gets what the compiler prints. */
  log: string;
  /**
   * Also start Kubernetes' controllers: namespaces end, what an owner owned goes with it, Deployments and Jobs make
   * pods. Without a node, those wait forever.
   */
  controllers?: boolean;
  /** Groups of Kubernetes that somebody is in, each of whom `member` then gives. */
  groups?: readonly string[];
}

/** A Kubernetes API without a node. */
export interface ApiServer extends AsyncDisposable {
  /** An administrator's. */
  readonly access: ApiServerAccess;
  /** The path of a file for kubectl with the same access. */
  readonly kubeconfig: string;
  /** The access of somebody who is in one of the groups, and in none but it. @throws Error for another group */
  member(group: string): ApiServerAccess;
  /** Stops all of it. Safe to call twice. */
  stop(): Promise<void>;
}

/** A part that runs in the folder, where the paths of its arguments begin. */
type StartPart = (name: string, command: string, args: readonly string[]) => Promise<BackgroundProcess>;

/** How long a part may take to start, in milliseconds: the machine may be compiling. */
const patience = 60_000;
/** Files in the folder that several parts use. A socket of etcd's, unlike a port, is nobody else's to reach. */
const files = { etcd: "etcd.sock", tokens: "tokens.csv", serviceAccounts: "service-accounts.key" } as const;

/**
 * Starts a real kube-apiserver with etcd as plain processes, for tests and development. It needs neither Docker nor
 * root, listens on 127.0.0.1 alone and ends with us.
 *
 * @throws SlipwayError with the last words of the part that does not start
 */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { folder, log, controllers = false, groups = [] } = options;
  const programs = await ensureClusterPrograms(log);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const token = newToken();
  const members = new Map(groups.map((group) => [group, newToken()]));
  const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" });
  const users = [...members].map(([group, each], index) => `${each},member-${index},member-${index},"${group}"\n`);
  await writeSecret(join(folder, files.tokens), `${token},admin,admin,system:masters\n${users.join("")}`);
  await writeSecret(join(folder, files.serviceAccounts), key.toString());

  await using undo = new AsyncDisposableStack();
  const start: StartPart = async (name, command, args) =>
    undo.use(await startDaemon(name, command, args, { log: join(folder, `${name}.log`), cwd: folder, grace: 3_000 }));
  await startEtcd(start, programs.etcd, folder);
  const { server, certificateAuthority } = await startServer(start, programs.kubernetes, folder, controllers);
  const access = { server, certificateAuthority, token: () => Promise.resolve(token) };
  const kubeconfig = join(folder, "kubeconfig");
  await writeSecret(kubeconfig, renderKubeconfig(server, certificateAuthority, token));
  if (controllers) await startControllers(start, programs.kubernetes, access, kubeconfig);
  const release = undo.move();
  const stop = () => release.disposeAsync();
  const member = (group: string): ApiServerAccess => {
    const theirs = members.get(group);
    if (theirs === undefined) throw new Error(`The API server was started without a member of ${group}.`);
    return { ...access, token: () => Promise.resolve(theirs) };
  };
  return { access, kubeconfig, member, stop, [Symbol.asyncDispose]: stop };
}

const newToken = () => randomBytes(32).toString("hex");

async function startEtcd(start: StartPart, program: string, folder: string): Promise<void> {
  // It insists on telling other members a host and a port; there are none to come.
  const nowhere = "http://127.0.0.1:1";
  const etcd = await start("etcd", program, [
    "--data-dir=data",
    `--listen-client-urls=unix://${files.etcd}`,
    `--advertise-client-urls=${nowhere}`,
    "--listen-peer-urls=unix://peers.sock",
    `--initial-advertise-peer-urls=${nowhere}`,
    `--initial-cluster=default=${nowhere}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ]);
  await etcd.ready(() => exists(join(folder, files.etcd)), patience);
}

async function startServer(start: StartPart, program: string, folder: string, controllers: boolean) {
  const port = await freePort();
  const server = `https://127.0.0.1:${port}`;
  const daemon = await start("kube-apiserver", program, [
    "kube-apiserver",
    `--etcd-servers=unix://${files.etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    // The Service `kubernetes` may not lead to a loopback address, and no pod is there to use it.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--cert-dir=certificates",
    `--token-auth-file=${files.tokens}`,
    "--authorization-mode=RBAC",
    "--allow-privileged=true",
    "--service-cluster-ip-range=10.43.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.serviceAccounts}`,
    `--service-account-signing-key-file=${files.serviceAccounts}`,
    // It refuses a pod whose service account is missing, and a controller makes each namespace's.
    ...(controllers ? [] : ["--disable-admission-plugins=ServiceAccount"]),
  ]);
  // The certificate that it makes for itself, followed by the one of the authority that it makes for that.
  const certificates = () => readFile(join(folder, "certificates", "apiserver.crt"), "utf8");
  await daemon.ready(async () => (await statusOf(`${server}/readyz`, await certificates())) === 200, patience);
  return { server, certificateAuthority: await certificates() };
}

async function startControllers(start: StartPart, program: string, access: ApiServerAccess, kubeconfig: string) {
  const daemon = await start("kube-controller-manager", program, [
    "kube-controller-manager",
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    "--secure-port=0",
    `--service-account-private-key-file=${files.serviceAccounts}`,
    "--root-ca-file=certificates/apiserver.crt",
  ]);
  const first = `${access.server}/api/v1/namespaces/default/serviceaccounts/default`;
  const { certificateAuthority } = access;
  await daemon.ready(async () => (await statusOf(first, certificateAuthority, await access.token())) === 200, patience);
}

/** The HTTP status of an answer. @throws when there is none, or another authority's */
function statusOf(url: string, ca: string, token?: string): Promise<number | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const request = https.get(url, { ca, headers, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("timeout", () => request.destroy(new Error(`${url} does not answer.`)));
    request.on("error", reject);
  });
}

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
}

/** JSON is YAML. */
function renderKubeconfig(server: string, authority: string, token: string): string {
  const data = Buffer.from(authority).toString("base64");
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "own", cluster: { server, "certificate-authority-data": data } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "own", context: { cluster: "own", user: "admin" } }],
    "current-context": "own",
  });
}
