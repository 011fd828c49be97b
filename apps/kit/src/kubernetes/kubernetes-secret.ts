import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** Where Kubernetes puts a pod's own credentials. */
const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where the cluster's API is and who asks; the pod's own values when left out. */
export interface ClusterAccess {
  host?: string;
  port?: string;
  /** A folder with `token`, `ca.crt` and `namespace`. */
  folder?: string;
}

/**
 * Creates a Secret in the pod's own namespace, unless one of that name is there: a Secret is born once, in the cluster,
 * and nobody, not even this program, reads or replaces it. The service account needs `create` on secrets, nothing else.
 *
 * @param name the Secret's name
 * @param values its keys and their values
 * @returns "created", or "kept" when it was there already
 * @throws when the cluster cannot be reached or refuses
 */
export async function createSecret(
  name: string,
  values: Record<string, string>,
  access: ClusterAccess = {},
): Promise<"created" | "kept"> {
  const folder = access.folder ?? accountFolder;
  const [token, ca, namespace] = await Promise.all(
    ["token", "ca.crt", "namespace"].map((file) => readFile(join(folder, file), "utf8")),
  );
  const body = JSON.stringify({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, labels: { "app.kubernetes.io/managed-by": "slipway-kit" } },
    type: "Opaque",
    immutable: true,
    stringData: values,
  });
  const { status, text: answer } = await post(
    {
      host: access.host ?? process.env.KUBERNETES_SERVICE_HOST,
      port: access.port ?? process.env.KUBERNETES_SERVICE_PORT,
      path: `/api/v1/namespaces/${namespace?.trim()}/secrets`,
      headers: { Authorization: `Bearer ${token?.trim()}`, "Content-Type": "application/json" },
      ca,
    },
    body,
  );
  if (status === 201) return "created";
  if (status === 409) return "kept";
  throw new Error(`The cluster refused to create Secret ${name}: ${status} ${reasonOf(answer)}`);
}

function post(options: object, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request({ ...options, method: "POST", timeout: 10_000 }, (response) => {
      const status = response.statusCode ?? 0;
      text(response).then((answer) => resolve({ status, text: answer }), reject);
    });
    call.on("timeout", () => call.destroy(new Error("The cluster did not answer within 10 s.")));
    call.on("error", reject);
    call.end(body);
  });
}

/** The `message` of a Kubernetes Status; it never repeats a Secret's values. */
function reasonOf(answer: string): string {
  try {
    return String((JSON.parse(answer) as { message: unknown }).message);
  } catch {
    return "(no reason given)";
  }
}
