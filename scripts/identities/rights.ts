/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
  verbs: string[];
}

/** A manifest as far as it says who somebody is and what they may do. */
export interface RightsManifest {
  kind: string;
  metadata: { name: string; namespace?: string; annotations?: Record<string, string>; labels?: Record<string, string> };
  rules?: PolicyRule[];
  roleRef?: { kind: string; name: string };
  subjects?: { kind: string; name: string; namespace?: string }[];
  /** A ValidatingAdmissionPolicy's, and its binding's. */
  spec?: {
    matchConditions?: { expression: string }[];
    policyName?: string;
    matchResources?: { namespaceSelector?: { matchExpressions: { key: string; operator: string }[] } };
  };
}

/** Rules that hold in one namespace, or, without one, everywhere. */
export interface Grant {
  namespace?: string;
  rules: PolicyRule[];
}

/** What an admission policy leaves to those whom it is for. */
export interface AdmissionLimit {
  /** As the policy's description has it. */
  text: string;
  /** The path of the test that tries it. */
  test: string | undefined;
}

/** Somebody whom the manifests give rights. */
export interface RightsHolder {
  kind: "Group" | "ServiceAccount" | "User";
  name: string;
  /** A ServiceAccount's. */
  namespace?: string;
  grants: Grant[];
  /** What admission policies leave of that. */
  limits: AdmissionLimit[];
}

/** `Group slipway:verify`, `ServiceAccount argocd/argocd-server`. */
export const nameOf = ({ kind, namespace, name }: Pick<RightsHolder, "kind" | "namespace" | "name">): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;

/**
 * Everybody to whom manifests give rights, sorted by name, with all of their rights.
 *
 * @param manifests of one cluster; a namespaced object names its namespace
 * @throws Error for a binding of a role that is not among the manifests: what it gives cannot be told
 */
export function deriveIdentities(manifests: readonly RightsManifest[]): RightsHolder[] {
  const identities = new Map<string, RightsHolder>();
  for (const binding of manifests.filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind))) {
    const { namespace } = binding.metadata;
    const grant: Grant = { ...(namespace === undefined ? {} : { namespace }), rules: boundRules(binding, manifests) };
    for (const { kind, name, namespace: home } of binding.subjects ?? []) {
      const identity: RightsHolder = {
        kind: kind as RightsHolder["kind"],
        name,
        grants: [],
        limits: [],
        ...(kind === "ServiceAccount" && home !== undefined ? { namespace: home } : {}),
      };
      const known = identities.get(nameOf(identity)) ?? identity;
      known.grants.push(grant);
      identities.set(nameOf(identity), known);
    }
  }
  for (const identity of identities.values()) identity.limits.push(...limitsOf(identity, manifests));
  return [...identities.values()].sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
}

function boundRules({ metadata, roleRef }: RightsManifest, manifests: readonly RightsManifest[]): PolicyRule[] {
  const role = manifests.find(
    (each) =>
      each.kind === roleRef?.kind &&
      each.metadata.name === roleRef.name &&
      (each.kind === "ClusterRole" || each.metadata.namespace === metadata.namespace),
  );
  if (role) return role.rules ?? [];
  throw new Error(`${metadata.name} binds ${roleRef?.kind} ${roleRef?.name}, which is not among the manifests.`);
}

/**
 * A policy says whom it is for in a condition, which names them or means the ServiceAccounts of the namespace that is
 * written to; its binding may say which namespaces count, by labels that exist.
 */
function limitsOf({ kind, namespace, name }: RightsHolder, manifests: readonly RightsManifest[]): AdmissionLimit[] {
  const user = kind === "ServiceAccount" ? `system:serviceaccount:${namespace}:${name}` : name;
  const own = "'system:serviceaccount:' + request.namespace";
  const labels = manifests.find((each) => each.kind === "Namespace" && each.metadata.name === namespace)?.metadata
    .labels;
  const counts = (policy: string) =>
    manifests
      .filter(({ spec }) => spec?.policyName === policy)
      .flatMap(({ spec }) => spec?.matchResources?.namespaceSelector?.matchExpressions ?? [])
      .every(({ key }) => labels?.[key] !== undefined);
  const isFor = ({ metadata, spec }: RightsManifest) =>
    (spec?.matchConditions ?? []).some(
      ({ expression }) =>
        expression.includes(`'${user}'`) ||
        (kind === "ServiceAccount" && expression.includes(own) && counts(metadata.name)),
    );
  return manifests
    .filter((each) => each.kind === "ValidatingAdmissionPolicy" && isFor(each))
    .map(({ metadata: { name: policy, annotations } }) => ({
      text: annotations?.["kubernetes.io/description"] ?? policy,
      test: annotations?.["slipway.dev/tried-by"],
    }));
}

/**
 * Whether rules allow something, as RBAC reads them.
 *
 * @param asked a resource with its subresource, such as `pods/log`, the API group and the verb
 */
export function allows(
  rules: readonly PolicyRule[],
  asked: { verb: string; group: string; resource: string },
): boolean {
  const has = (among: readonly string[] = [], each: string) => among.includes(each) || among.includes("*");
  const [, subresource] = asked.resource.split("/");
  return rules.some(
    ({ verbs, apiGroups, resources, resourceNames }) =>
      has(verbs, asked.verb) &&
      has(apiGroups, asked.group) &&
      (has(resources, asked.resource) || (subresource !== undefined && has(resources, `*/${subresource}`))) &&
      !resourceNames?.length,
  );
}

/** Rules as Markdown: which verbs, then on what. */
export function describeRules(rules: readonly PolicyRule[]): string {
  const by = Map.groupBy(rules, ({ verbs }) => [...verbs].sort().join(", ").replace("*", "every verb"));
  return [...by].map(([verbs, each]) => `${verbs}: ${each.flatMap(describeObjects).join(", ")}`).join("; ");
}

function describeObjects({
  apiGroups = [],
  resources = [],
  resourceNames = [],
  nonResourceURLs = [],
}: PolicyRule): string[] {
  const names = resourceNames.length > 0 ? ` (only ${resourceNames.join(", ")})` : "";
  const objects = apiGroups.flatMap((group) =>
    resources.map((resource) => `\`${resource}${group === "" ? "" : `.${group}`}\`${names}`),
  );
  return [...objects, ...nonResourceURLs.map((url) => `the addresses \`${url}\``)];
}
