import { globSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { markdownTable, ownMarkdown } from "../../actions/lib/core/markdown.ts";
import { argocdRepository } from "../rehearsal/cluster/argocd/repository.ts";
import { ensureKustomize } from "../rehearsal/tools/kustomize.ts";
import { deriveIdentities, describeRules, type RightsHolder, nameOf, type RightsManifest } from "./rights.ts";

const root = join(import.meta.dirname, "../..");

/** What the rights of one environment's cluster are derived from. */
export interface ClusterRights {
  environment: string;
  /** Every manifest that is applied there, as rendered. */
  manifests: RightsManifest[];
  /** The same as text, for `kubectl apply`. */
  text: string;
}

/**
 * Renders everything that a cluster is told: the guards, Argo CD, the platform and each app that has an overlay.
 *
 * @throws ProcessError with kustomize's words
 */
export async function clusterRights(): Promise<ClusterRights[]> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-identities-"));
  try {
    const env = { ...process.env, ...(await argocdRepository(folder)) };
    const render = await ensureKustomize(join(folder, "compiler.log"), env);
    const environments = globSync("gitops/bootstrap/*/environment.yaml", { cwd: root }).map((path) =>
      basename(dirname(path)),
    );
    return await Promise.all(
      environments.sort().map(async (environment) => {
        const apps = globSync(`gitops/apps/*/overlays/${environment}`, { cwd: root }).sort();
        const folders = ["guards", "argocd", environment].map((each) => `gitops/bootstrap/${each}`);
        const texts = await Promise.all([...folders, ...apps].map((each) => render(join(root, each))));
        const text = texts.join("---\n");
        const manifests = parseAllDocuments(text).map((document) => document.toJS() as RightsManifest);
        return { environment, manifests, text };
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An IAM role that a cluster lets in: what EKS gives it, a policy of AWS or groups of Kubernetes. */
export interface AccessEntry {
  role: string;
  policy?: string;
  groups: string[];
}

/** Those that `terraform/environment` makes. @throws Error when none is found */
export async function accessEntries(): Promise<AccessEntry[]> {
  const text = await readFile(join(root, "terraform/environment/main.tf"), "utf8");
  const entry = /principal_arn = "\$\{local\.role_arn\}-([^"]+)", (?:policy = "(\w+)"|groups = \[([^\]]*)\]) \}/g;
  const entries = [...text.matchAll(entry)].map(([, role = "", policy, groups = ""]) => ({
    role: `<project>-${role.replace("${var.environment}", "<environment>")}`,
    ...(policy === undefined ? {} : { policy }),
    groups: groups.split(",").flatMap((each) => /"([^"]+)"/.exec(each)?.[1] ?? []),
  }));
  const named = text.match(/principal_arn = "/g)?.length ?? 0;
  if (entries.length === 0 || entries.length !== named)
    throw new Error(`terraform/environment/main.tf names ${named} roles, of which ${entries.length} are understood.`);
  return entries;
}

/** The test that tries every row. */
const triedBy = "scripts/identities/kubernetes.real.test.ts";
/** The test that tries the policies of AWS, as the rehearsal plays them. */
const policiesTriedBy = "scripts/rehearsal/context/front.real.test.ts";
/** Tests as a cell shows them. */
const cell = (tests: readonly (string | undefined)[]) =>
  [...new Set(tests)].flatMap((test) => (test === undefined ? [] : [`\`${test}\``])).join(", ");

/** The table of Kubernetes' identities in `.github/SECURITY.md`. @throws as `clusterRights` and `accessEntries` do */
export async function kubernetesTable(): Promise<string> {
  const [clusters, entries] = await Promise.all([clusterRights(), accessEntries()]);
  const identities = new Map(
    clusters.flatMap(({ manifests }) => deriveIdentities(manifests)).map((each) => [nameOf(each), each]),
  );
  const administrators = entries.flatMap(({ role, policy }) =>
    policy === undefined
      ? []
      : [[`AWS policy \`${policy}\``, `IAM role \`${role}\``, "what AWS says of its policy", cell([policiesTriedBy])]],
  );
  // Whoever slipway.yaml names has the policy that the pipeline's own administrator has.
  const people = administrators.map(([policy = "", , ...rest]) => [
    policy,
    "the IAM roles and users in `cluster.admins` of `slipway.yaml`",
    ...rest,
  ]);
  const others = [...identities.values()].map((identity) => [
    `${identity.kind} \`${nameOf(identity).split(" ")[1]}\``,
    bearers(identity, entries),
    atMost(identity),
    cell([triedBy, ...identity.limits.map(({ test }) => test)]),
  ]);
  return markdownTable(
    ["Identity", "Who gets it", "At most", "Tried by"],
    [
      ...administrators,
      ...people,
      ...others,
      ["every other ServiceAccount", "the pods of the apps", "nothing: no role is bound to it", cell([triedBy])],
    ].map((row) => row.map(ownMarkdown)),
  );
}

function bearers({ kind, name, namespace }: RightsHolder, entries: readonly AccessEntry[]): string {
  if (kind === "ServiceAccount") return `pods in \`${namespace}\``;
  const roles = entries.filter(({ groups }) => groups.includes(name)).map(({ role }) => `\`${role}\``);
  return roles.length > 0 ? `IAM role ${roles.join(", ")}` : "nobody";
}

function atMost({ grants, limits }: RightsHolder): string {
  const rights = grants.map(({ namespace, rules }) => {
    return `${namespace === undefined ? "everywhere" : `in \`${namespace}\``}: ${describeRules(rules)}`;
  });
  return [...rights, ...limits.map(({ text }) => `**but** ${text}`)].join(". ");
}
