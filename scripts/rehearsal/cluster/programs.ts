import { join } from "node:path";
import { compile, type GoProgram, type Note, pinnedVersion } from "../tools/go.ts";

/** The programs of a cluster, compiled for this machine; paths of files that need no library. */
export interface ClusterPrograms {
  /**
   * kube-apiserver, kube-controller-manager, kube-proxy, kube-scheduler, kubelet and metrics-server: the one that its
   * first argument names, or that it is called as by a link.
   */
  kubernetes: string;
  etcd: string;
  /** The command line, and argocd-server, argocd-repo-server and so on when called as one of them by a link. */
  argocd: string;
  kustomize: string;
  coredns: string;
  versions: ClusterVersions;
}

/** Versions as their Go modules have them, for example `v1.34.2`. */
export type ClusterVersions = Record<keyof typeof modules, string>;

/** Where the toolbox pins them: our own module, and the module in its go.mod that is the program's. */
const modules = {
  kubernetes: ["kubernetes", "k8s.io/kubernetes"],
  etcd: ["kubernetes", "go.etcd.io/etcd/server/v3"],
  argocd: ["argocd", "github.com/argoproj/argo-cd/v3"],
  kustomize: ["argocd", "sigs.k8s.io/kustomize/kustomize/v5"],
  metricsServer: ["kubernetes", "sigs.k8s.io/metrics-server"],
  coredns: ["coredns", "github.com/coredns/coredns"],
} as const;

const [argocd, etcd, kustomize] = [modules.argocd[1], modules.etcd[1], modules.kustomize[1]];

const clusterItself: readonly [GoProgram, ...GoProgram[]] = [
  {
    versionOf: modules.kubernetes[1],
    file: "kubernetes",
    // Without it, Kubernetes calls itself v0.0.0, and clients that compare versions refuse it.
    variables: (version) => ({ "k8s.io/component-base/version.gitVersion": version }),
  },
  { package: etcd, versionOf: etcd, file: "etcd" },
];

const delivery: readonly [GoProgram, ...GoProgram[]] = [
  {
    package: `${argocd}/cmd`,
    versionOf: argocd,
    file: "argocd",
    variables: (version) => ({ [`${argocd}/common.version`]: version.slice(1) }),
  },
  { package: kustomize, versionOf: kustomize, file: "kustomize" },
];

/** The versions that the toolbox pins. */
export async function clusterVersions(): Promise<ClusterVersions> {
  const entries = Object.entries(modules).map(async ([name, [module, path]]) => [
    name,
    await pinnedVersion(module, path),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as ClusterVersions;
}

/**
 * Compiles the programs of a cluster from `scripts/toolbox`, once.
 *
 * @param log the file that gets what the compiler prints
 * @param note told how far the compiler is: with Kubernetes first, then with Argo CD, then with CoreDNS
 */
export async function ensureClusterPrograms(log: string, note?: Note): Promise<ClusterPrograms> {
  const cluster = await compile("kubernetes", clusterItself, log, note);
  // One after the other: each finds much of what it needs compiled by the one before.
  const argo = await compile("argocd", delivery, log, note);
  const dns = await compile("coredns", [{ versionOf: modules.coredns[1], file: "coredns" }], log, note);
  return {
    kubernetes: join(cluster, "kubernetes"),
    etcd: join(cluster, "etcd"),
    argocd: join(argo, "argocd"),
    kustomize: join(argo, "kustomize"),
    coredns: join(dns, "coredns"),
    versions: await clusterVersions(),
  };
}
