import { request } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import type { RunningCluster } from "../cluster/clusters.ts";

/** Argo CD's own API, as its web pages use it, for its administrator. */
export interface ArgoCdApi {
  /** The address, for a person. */
  readonly url: string;
  /** What the button "Sync" does. */
  sync(application: string): Promise<void>;
}

/** Our own Service on a port of the node: Argo CD does not know it, so it neither shows nor prunes it. */
const service = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "rehearsal-argocd" },
  spec: {
    type: "NodePort",
    selector: { "app.kubernetes.io/name": "argocd-server" },
    ports: [{ name: "https", port: 443, targetPort: 8080 }],
  },
};

const namespace = "/api/v1/namespaces/argocd";

/** Makes Argo CD's API reachable from this machine. */
export async function openArgoCd(cluster: RunningCluster, kubernetes: Kubernetes): Promise<ArgoCdApi> {
  interface Service {
    spec: { ports: { nodePort: number }[] };
  }
  const made =
    (await kubernetes.get<Service>(`${namespace}/services/${service.metadata.name}`)) ??
    (await kubernetes.create<Service>(`${namespace}/services`, service));
  const url = `https://${cluster.address}:${made.spec.ports[0]?.nodePort}`;
  await answering(`${url}/healthz`);
  return {
    url,
    async sync(application) {
      const secret = await kubernetes.get<{ data: { password: string } }>(
        `${namespace}/secrets/argocd-initial-admin-secret`,
      );
      const password = Buffer.from(secret?.data.password ?? "", "base64").toString();
      const session = await post(`${url}/api/v1/session`, { username: "admin", password });
      await post(`${url}/api/v1/applications/${application}/sync`, {}, (session as { token: string }).token);
    },
  };
}

/** A node's port forwards some moments after its Service is there. @throws Error when it does not within 30 s */
async function answering(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await send(url, "GET");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await sleep(200);
  }
}

const post = async (url: string, body: object, token?: string): Promise<unknown> =>
  JSON.parse(await send(url, "POST", body, token));

/** Sends JSON. Argo CD signs its certificate itself; the address is that of our own container. */
async function send(url: string, method: string, body?: object, token?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) };
    const call = request(url, { method, headers, rejectUnauthorized: false, timeout: 30_000 }, (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(`${url} answered ${response.statusCode}: ${answer.slice(0, 200)}`));
      }, reject);
    });
    call.on("timeout", () => call.destroy(new Error(`${url} did not answer within 30 s`)));
    call.on("error", reject);
    call.end(body && JSON.stringify(body));
  });
}
