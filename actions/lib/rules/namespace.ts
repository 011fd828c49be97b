import { neededFlows, openFlows } from "./flows.ts";
import type { Manifest } from "./manifest.ts";
import { peakNeeds, quantity } from "./quota.ts";
import type { Violation, Rule } from "./rule.ts";

/** What an app owes as a whole: its namespace, what may be reached, how much may run, and how releases reach it. */
export const namespaceRules: readonly Rule[] = [
  {
    id: "restricted-profile",
    owes: "The app brings its Namespace, which enforces the restricted profile.",
    find({ manifests }) {
      const namespaces = manifests.filter(({ kind }) => kind === "Namespace");
      if (namespaces.length === 0) return [{ text: "no Namespace that enforces the restricted profile" }];
      return namespaces
        .filter(({ metadata }) => metadata.labels?.["pod-security.kubernetes.io/enforce"] !== "restricted")
        .map(({ metadata }) => ({
          object: `Namespace/${metadata.name}`,
          text: "does not enforce the restricted profile",
        }));
    },
  },
  {
    id: "deny-all",
    owes: "A NetworkPolicy denies everything that is not named, in both directions.",
    find: ({ manifests }) =>
      manifests.some(deniesAll) ? [] : [{ text: "no NetworkPolicy denies everything that is not named" }],
  },
  {
    id: "allowed-flows",
    owes: "NetworkPolicies allow what the pods' variables (`..._HOST`, `..._URL`) name.",
    find({ manifests }) {
      const all = [...manifests];
      if (!all.some(deniesAll)) return [];
      const open = openFlows(all);
      return neededFlows(all)
        .filter((flow) => !open.includes(flow))
        .map((flow) => ({ text: `no NetworkPolicies allow ${flow}` }));
    },
  },
  {
    id: "quota",
    owes: "A ResourceQuota bounds the namespace, and a release at the autoscalers' maximum fits into it.",
    find: ({ manifests }) => quotaFaults(manifests),
  },
  {
    id: "takes-releases",
    owes: "The overlay lists the machine-owned component `images`.",
    find: ({ takesReleases }) =>
      takesReleases ? [] : [{ text: 'the overlay does not list "images" under components, so no release reaches it' }],
  },
];

function deniesAll({ kind, spec }: Manifest): boolean {
  return (
    kind === "NetworkPolicy" &&
    Object.values(spec?.podSelector ?? { any: [1] }).flat().length === 0 &&
    spec?.policyTypes?.length === 2 &&
    spec.ingress === undefined &&
    spec.egress === undefined
  );
}

function quotaFaults(manifests: readonly Manifest[]): Violation[] {
  const hard = manifests.find(({ kind }) => kind === "ResourceQuota")?.spec?.hard;
  if (!hard) return [{ text: "no ResourceQuota" }];
  return Object.entries(peakNeeds(manifests)).flatMap(([what, needed]) => {
    // What pods take must be bounded; Services need not be.
    const unbounded = what.startsWith("services.") && hard[what] === undefined;
    const most = unbounded ? Number.POSITIVE_INFINITY : quantity(hard[what] ?? "0");
    return needed > most ? [{ text: `the ResourceQuota allows ${most} ${what}, a release needs up to ${needed}` }] : [];
  });
}
