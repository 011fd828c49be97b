import { expect } from "vitest";
import type { ClusterInspector } from "../cluster/inspector.ts";

/** How long a cluster may take for what it does by itself, and how often it is looked at, in milliseconds. */
export const until = { timeout: 180_000, interval: 250 };

/** Deletes one pod of a component, as a person or a node that ends would. @returns its name */
export async function deletePod(inspector: ClusterInspector, app: string, component: string): Promise<string> {
  const [pod] = await inspector.readyPods(app, component);
  if (!pod) throw new Error(`no pod of ${app}-${component} is ready`);
  await inspector.kubernetes.delete(`/api/v1/namespaces/${app}/pods/${pod.metadata.name}`);
  return pod.metadata.name;
}

/** Waits until the pod that was deleted has gone, and `count` are ready. */
export async function replaced(
  inspector: ClusterInspector,
  app: string,
  component: string,
  { name, count }: { name: string; count: number },
): Promise<void> {
  await expect
    .poll(() => inspector.kubernetes.get(`/api/v1/namespaces/${app}/pods/${name}`), until)
    .not.toMatchObject({ metadata: { name, deletionTimestamp: expect.any(String) as string } });
  await expect
    .poll(async () => (await inspector.readyPods(app, component)).length, until)
    .toBeGreaterThanOrEqual(count);
}
