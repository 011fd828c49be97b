import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, request, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { EKS } from "@aws-sdk/client-eks";
import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { clusterToken } from "../../../actions/lib/kubernetes/cluster.ts";
import { type Kubernetes, openKubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { startEmulator } from "../aws/emulator/emulator.ts";
import { startProxy } from "../aws/proxy/proxy.ts";
import { startApiServer } from "../cluster/api-server.ts";
import { close, listen } from "../tools/listening.ts";
import { ensureClusterPrograms } from "../cluster/programs.ts";
import { type Front, startFront } from "./front.ts";
import { iamAuthenticator } from "./iam-authenticator.ts";
import { openApiSocket } from "./kubectl.ts";

const cluster = "slipway-dev";
const region = "us-east-1";
const parts = new AsyncDisposableStack();
let folder: string;
let front: Front;
let administrator: Kubernetes;
let aws: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
let eks: EKS;
let changes: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-front-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  const own = join(folder, "api");
  const server = parts.use(await startApiServer({ folder: own, log }));
  vi.stubEnv("KUBECONFIG", server.kubeconfig);
  await makePod(openKubernetes(server.access), await startKubelet(join(own, "certificates")));

  const emulator = parts.use(await startEmulator({ log: join(folder, "aws.log"), auth: true, region }));
  const authenticate = iamAuthenticator({
    endpoint: emulator.endpoint,
    region,
    credentials: emulator.credentials,
    cluster,
  });
  const socket = parts.use(openApiSocket("own", folder));
  front = parts.use(await startFront({ socket, authenticate, folder }));
  administrator = openKubernetes(front.access);
  changes = [];
  const { server: endpoint, certificateAuthority } = front.access;
  const outer = {
    name: cluster,
    endpoint,
    certificateAuthority,
    changed: (state: string) => void changes.push(state),
  };
  const proxy = parts.use(await startProxy({ upstream: emulator.endpoint, outer }));
  aws = { endpoint: proxy.endpoint, region, credentials: emulator.credentials };
  eks = parts.adopt(new EKS(aws), (client) => client.destroy());
  const roleArn = await makeRole("cluster");
  for (const name of [cluster, "other"]) await eks.createCluster({ name, roleArn, resourcesVpcConfig: {} });
}, 3_600_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await parts.disposeAsync();
});

/** Of a kubelet, only what the API server asks for logs, and an exec that says back what it is told. */
async function startKubelet(certificates: string): Promise<number> {
  const [cert, key] = await Promise.all(["crt", "key"].map((end) => readFile(join(certificates, `apiserver.${end}`))));
  const kubelet: Server = createServer({ cert, key }, (_, response) => {
    response.write("first\n");
    setTimeout(() => response.write("second\n"), 500);
    parts.defer(() => void response.end());
  });
  kubelet.on("upgrade", (_, socket: Duplex) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n");
    socket.pipe(socket);
  });
  const port = await listen(kubelet);
  parts.defer(() => close(kubelet));
  return port;
}

async function makePod(kubernetes: Kubernetes, Port: number): Promise<void> {
  const node = await kubernetes.create<object>("/api/v1/nodes", { metadata: { name: "node" } });
  const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
  const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port } } };
  await kubernetes.replace("/api/v1/nodes/node/status", { ...node, status });
  const spec = { nodeName: "node", containers: [{ name: "main", image: "demo" }] };
  await kubernetes.create("/api/v1/namespaces/default/pods", { metadata: { name: "pod" }, spec });
}

async function makeRole(RoleName: string): Promise<string> {
  const trust = { Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }] };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", ...trust });
  const { Role } = await new IAM(aws).createRole({ RoleName, AssumeRolePolicyDocument });
  return Role?.Arn ?? "";
}

/** A role, as whom a client asks; and what EKS is told of it. */
async function roleClient(RoleName: string, entry?: { groups?: string[]; policy?: string }, forCluster = cluster) {
  const principalArn = await makeRole(RoleName);
  if (entry) {
    await eks.createAccessEntry({ clusterName: cluster, principalArn, kubernetesGroups: entry.groups });
    if (entry.policy)
      await eks.associateAccessPolicy({
        clusterName: cluster,
        principalArn,
        accessScope: { type: "cluster" },
        policyArn: `arn:aws:eks::aws:cluster-access-policy/${entry.policy}`,
      });
  }
  const sts = new STS(aws);
  const { Credentials: made } = await sts.assumeRole({ RoleArn: principalArn, RoleSessionName: "run" });
  const credentials = () =>
    Promise.resolve({
      accessKeyId: made?.AccessKeyId ?? "",
      secretAccessKey: made?.SecretAccessKey ?? "",
      sessionToken: made?.SessionToken ?? "",
    });
  const token = () => clusterToken({ name: forCluster, region, credentials });
  return { principalArn, token, kubernetes: openKubernetes({ ...front.access, token }) };
}

/** Who the API server takes somebody for. */
async function whoIs(kubernetes: Kubernetes): Promise<{ username?: string; groups?: string[] }> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  return (await kubernetes.create<{ status: { userInfo: object } }>(path, body)).status.userInfo;
}

test("EKS names the front as the cluster's API, tells of what it is told, and keeps a record of any other", async () => {
  const { cluster: found } = await eks.describeCluster({ name: cluster });
  expect(found?.endpoint).toBe(front.access.server);
  const authority = Buffer.from(found?.certificateAuthority?.data ?? "", "base64").toString();
  expect(authority).toBe(front.access.certificateAuthority);
  expect((await eks.describeCluster({ name: "other" })).cluster?.endpoint).not.toBe(front.access.server);
  expect(changes).toEqual(["created"]);
});

test("the rehearsal itself is who the context's user is; nobody is let in without a token of IAM", async () => {
  expect(await whoIs(administrator)).toMatchObject({ username: "admin" });
  for (const token of ["", "wrong", "k8s-aws-v1.d3Jvbmc"]) {
    const stranger = openKubernetes({ ...front.access, token: () => Promise.resolve(token) });
    await expect(stranger.get("/api/v1/namespaces")).rejects.toMatchObject({ status: 401 });
  }
});

test("a role is who its access entry says it is, and may what its groups may", async () => {
  const { kubernetes, principalArn } = await roleClient("verify", { groups: ["slipway:verify"] });
  const { username, groups } = await whoIs(kubernetes);
  expect(groups).toEqual(["system:authenticated", "slipway:verify"]);
  expect(username).toBe("arn:aws:sts::000000000000:assumed-role/verify/run");
  await expect(kubernetes.list("/api/v1/pods")).rejects.toMatchObject({ status: 403 });
  const apiGroup = "rbac.authorization.k8s.io";
  await administrator.create(`/apis/${apiGroup}/v1/clusterroles`, {
    metadata: { name: "verify" },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
  });
  await administrator.create(`/apis/${apiGroup}/v1/clusterrolebindings`, {
    metadata: { name: "verify" },
    roleRef: { apiGroup, kind: "ClusterRole", name: "verify" },
    subjects: [{ apiGroup, kind: "Group", name: "slipway:verify" }],
  });
  await expect.poll(() => kubernetes.list("/api/v1/pods")).toMatchObject({ items: [{ metadata: { name: "pod" } }] });
  await expect(kubernetes.delete("/api/v1/namespaces/default")).rejects.toMatchObject({ status: 403 });

  await eks.deleteAccessEntry({ clusterName: cluster, principalArn });
  await expect
    .poll(() => kubernetes.list("/api/v1/pods").catch((error: unknown) => error), { timeout: 15_000 })
    .toMatchObject({ status: 401 });
});

test("the policy of a cluster's administrator gives every right; no entry gives none, and no token serves elsewhere", async () => {
  const { kubernetes } = await roleClient("apply", { policy: "AmazonEKSClusterAdminPolicy" });
  expect(await kubernetes.list("/api/v1/secrets")).toMatchObject({ items: [] });
  const nobody = await roleClient("nobody");
  await expect(nobody.kubernetes.get("/api/v1/namespaces")).rejects.toMatchObject({ status: 401 });
  const elsewhere = await roleClient("elsewhere", { policy: "AmazonEKSClusterAdminPolicy" }, "other");
  await expect(elsewhere.kubernetes.get("/api/v1/namespaces")).rejects.toMatchObject({ status: 401 });
});

test("nobody takes another name through it", async () => {
  const { token } = await roleClient("taker", { policy: "AmazonEKSViewPolicy" });
  const headers = { authorization: `Bearer ${await token()}`, "impersonate-user": "admin" };
  const call = request(`${front.access.server}/api`, { ca: front.access.certificateAuthority, headers }).end();
  const [response] = (await once(call, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(403);
});

test("a watch and a log come as they are made", async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const following = administrator.follow("/api/v1/namespaces/default/configmaps", {
    signal: stop.signal,
    onChange: (items) => void seen.push([...items.keys()].join()),
  });
  await expect.poll(() => seen.length).toBe(1);
  await administrator.create("/api/v1/namespaces/default/configmaps", { metadata: { name: "made" } });
  await expect.poll(() => seen.at(-1)).toBe("default/made");

  const lines: string[] = [];
  const began = Date.now();
  for await (const line of administrator.lines("/api/v1/namespaces/default/pods/pod/log?follow=true", stop.signal)) {
    lines.push(line);
    // The second comes half a second after the first, and the log does not end.
    if (line === "first") expect(Date.now() - began).toBeLessThan(450);
    if (lines.length === 2) stop.abort();
  }
  expect(lines).toEqual(["first", "second"]);
  await following;
});

test("a connection that leaves HTTP, as exec's does, goes both ways", async () => {
  const token = await front.access.token();
  const path = "/api/v1/namespaces/default/pods/pod/exec?command=sh&stdin=true&stdout=true";
  const upgrade = { connection: "Upgrade", upgrade: "SPDY/3.1", "x-stream-protocol-version": "v4.channel.k8s.io" };
  const open = (authorization: string) =>
    request(front.access.server + path, {
      method: "POST",
      ca: front.access.certificateAuthority,
      headers: { authorization, ...upgrade },
    }).end();
  const [answer, socket] = (await once(open(`Bearer ${token}`), "upgrade")) as [{ statusCode: number }, Duplex];
  expect(answer.statusCode).toBe(101);
  socket.write("echo");
  expect(String((await once(socket, "data"))[0])).toBe("echo");
  socket.destroy();
  const [refused] = (await once(open("Bearer wrong"), "response")) as [{ statusCode: number }];
  expect(refused.statusCode).toBe(401);
});

test("kubectl works through it, also after the process with the person's credentials was ended", async () => {
  const { server, certificateAuthority, token } = front.access;
  const { kubernetes } = await ensureClusterPrograms(join(folder, "compiler.log"));
  const file = join(folder, "authority.pem");
  await writeFile(file, certificateAuthority);
  const flags = [`--server=${server}`, `--certificate-authority=${file}`, `--token=${await token()}`];
  const pods = async () =>
    (await run(kubernetes, ["kubectl", "--kubeconfig=/dev/null", ...flags, "get", "pods", "--output=name"])).stdout;
  expect(await pods()).toBe("pod/pod\n");
  const { stdout } = await run("pgrep", ["-f", `unix-socket=${join(folder, "kubectl.sock")}`]);
  for (const pid of stdout.trim().split("\n")) process.kill(Number(pid));
  await expect.poll(pods, { timeout: 10_000 }).toBe("pod/pod\n");
});
