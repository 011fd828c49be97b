import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createOnlooker } from "./cluster/onlooker.ts";
import { clusterOf } from "./live/checks.ts";
import { rehearse } from "./rehearsal.ts";
import { recordWorld, untilEnded } from "./up.ts";
import type { World } from "./world.ts";

/**
 * Rehearses a delivery and holds its world until this process is told to end.
 *
 * @returns whether the delivery came up
 */
export async function holdWorld(repository: string): Promise<boolean> {
  const { failed } = await rehearse({
    ...{ source: repository, until: "live", keep: false },
    async stay(world, signal) {
      await using _ = await recordWorld({
        directory: world.person.directory,
        environment: environmentOf(world),
        addresses: await addressesOf(world),
      });
      await untilEnded(signal);
    },
  });
  return failed === 0;
}

/** What a person sets to speak to the world's AWS. */
function environmentOf({ proxy, emulator, region }: World): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: emulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: emulator.credentials.secretAccessKey,
  };
}

/** Argo CD's API, on a port of the node: the port of a Service of our own, which nothing in the cluster looks after. */
const argocdService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "rehearsal-argocd" },
  spec: {
    type: "NodePort",
    selector: { "app.kubernetes.io/name": "argocd-server" },
    ports: [{ name: "https", port: 443, targetPort: 8080 }],
  },
};

/** What can be opened or used, by its name. */
async function addressesOf(world: World): Promise<Record<string, string>> {
  const cluster = await clusterOf(world);
  const onlooker = createOnlooker(cluster);
  const service = await onlooker.kubernetes.create<{ spec: { ports: { nodePort: number }[] } }>(
    "/api/v1/namespaces/argocd/services",
    argocdService,
  );
  const kubeconfig = join(world.folder, "kubeconfig");
  await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 });
  await world.person.keepToken();
  return {
    visits: await onlooker.publicUrl("visits"),
    "Argo CD's API": `https://${cluster.address}:${service.spec.ports[0]?.nodePort}`,
    AWS: world.proxy.endpoint,
    "your clone": world.person.directory,
    kubeconfig,
  };
}
