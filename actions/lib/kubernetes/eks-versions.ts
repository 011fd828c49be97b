/** A minor version of Kubernetes in EKS. */
export interface EksVersion {
  /** For example `1.36`. */
  version: string;
  /** The last day of standard support, in UTC. After it EKS upgrades a cluster that does not pay for extended support. */
  supportedUntil: string;
}

/**
 * The versions that EKS supports at the usual price, the oldest first; EKS has no gaps between them.
 * https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
 */
export const eksVersions = [
  { version: "1.34", supportedUntil: "2026-12-02" },
  { version: "1.35", supportedUntil: "2027-03-27" },
  { version: "1.36", supportedUntil: "2027-08-02" },
] as const satisfies readonly EksVersion[];

/** What a cluster gets that asks for no version, for example `1.36`: the newest. */
export const newestEksVersion = "1.36" satisfies (typeof eksVersions)[number]["version"];

/** So long before the end of support a delivery warns, in days: time for one upgrade, and for looking at what it breaks. */
const warnDays = 60;

/**
 * Warns when a version's support ends soon, or has ended.
 *
 * @param version one of `eksVersions`
 * @param now the time of the question
 * @returns a sentence for a person; undefined while the end is far, or for a version that is not in the list
 */
export function supportWarning(version: string, now: Date): string | undefined {
  const index = eksVersions.findIndex((each) => each.version === version);
  const found = eksVersions[index];
  if (!found) return undefined;
  const days = Math.floor((Date.parse(`${found.supportedUntil}T24:00:00Z`) - now.getTime()) / 86_400_000);
  if (days >= warnDays) return undefined;
  const when = days < 0 ? `ended on ${found.supportedUntil}` : `ends on ${found.supportedUntil}, in ${days} days`;
  const next = eksVersions[index + 1]?.version;
  const advice = next
    ? `Write version: "${next}" into slipway.yaml`
    : "Look for a newer Slipway, which knows EKS's newer versions";
  return `EKS's standard support for Kubernetes ${version} ${when}; then EKS upgrades the cluster by itself. ${advice}.`;
}

/** Why EKS does not bring a cluster from one version to another. */
export interface StepProblem {
  /** What EKS does not do, as the end of a sentence. */
  why: string;
  /** What to write into slipway.yaml instead. */
  next: string;
}

/**
 * Judges an upgrade: EKS goes up one minor version at a time, and never down.
 * https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
 *
 * @param running the version of the cluster, for example `1.34`
 * @param wanted the version that it is to have
 * @returns undefined when EKS does it, or has nothing to do
 */
export function stepProblem(running: string, wanted: string): StepProblem | undefined {
  const [from, to] = [running, wanted].map((version) => Number(version.split(".")[1]));
  if (from === undefined || to === undefined || Number.isNaN(from) || Number.isNaN(to)) return undefined;
  if (to < from) return { why: "EKS never goes back to an older version", next: `Write version: "${running}".` };
  if (to <= from + 1) return undefined;
  const one = `1.${from + 1}`;
  return {
    why: "EKS upgrades one minor version at a time",
    next: `Write version: "${one}" and push; when that is delivered, the next.`,
  };
}
