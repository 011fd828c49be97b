import type { RunKubectl } from "./kubectl.ts";

/** Kinds whose objects come and go by themselves. */
const restless =
  /^(nodes|csinodes|componentstatuses|volumeattachments|certificatesigningrequests)\b|\.metrics\.k8s\.io$/;

/** The names of everything in a cluster that is in no namespace, and so of its namespaces, too. */
export async function inventory(kubectl: RunKubectl): Promise<string[]> {
  const resources = await kubectl([
    "api-resources",
    "--namespaced=false",
    "--verbs=list",
    "--output=name",
    "--cached=false",
  ]);
  const kinds = resources.split("\n").filter((kind) => kind !== "" && !restless.test(kind));
  const names = await kubectl(["get", kinds.join(","), "--output=name", "--ignore-not-found"]);
  return names.split("\n").filter(Boolean).sort();
}

/** What two inventories differ in, as `+ namespace/argocd` and `- storageclass/gp3`. */
export function differences(before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter((name) => !before.includes(name)).map((name) => `+ ${name}`),
    ...before.filter((name) => !after.includes(name)).map((name) => `- ${name}`),
  ];
}
