import { mkdir } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { clusterName } from "../../../actions/lib/kubernetes/cluster.ts";
import { readConfig } from "../../../actions/lib/config/config.ts";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { type Kubernetes, openKubernetes } from "../../../actions/lib/kubernetes/kubernetes.ts";
import { assertLocal } from "../world/local.ts";
import { rootCredentials } from "../aws/emulator/emulator.ts";
import type { OuterCluster } from "../aws/outer-cluster.ts";
import type { CloudControllerName } from "../cluster/controllers/cloud-controllers.ts";
import { renderKubeconfig, type RunningCluster } from "../cluster/clusters.ts";
import { installedArgocd } from "../cluster/versions.ts";
import { differences, inventory } from "./comparison.ts";
import { type Front, startFront } from "./front.ts";
import { iamAuthenticator, policyGroup } from "./iam-authenticator.ts";
import { addressTowards, inspect, type Inspection } from "./inspection.ts";
import { type KubeContextFacts, kubectlFor, openApiSocket, readKubeContext } from "./kubectl.ts";
import { type NodeAgents, startNodeAgents } from "./node-agent.ts";
import {
  holderOf,
  listed,
  markCluster,
  type DeliveryNames,
  namesIn,
  ownLabel,
  ownNamespace,
  removeLeftovers,
  leftoversIn,
  unmarkCluster,
} from "./leftovers.ts";

/** Which cluster of the person's is rehearsed in. */
export interface KubeContextOptions {
  /** A context of their kubeconfig. */
  name: string;
  /** The address of this machine that its nodes reach; found out when left out. */
  address?: string | undefined;
}

/** A cluster that the rehearsal did not make, instead of the one that EKS starts. */
export interface KubeContext extends AsyncDisposable {
  readonly facts: KubeContextFacts;
  readonly inspection: Inspection;
  /** The address of this machine at which its nodes and pods reach the rehearsal's servers. */
  readonly host: string;
  /** The cluster, as EKS has started it. */
  readonly cluster: RunningCluster;
  /** How many things it had before and has again; undefined until it was disposed of. */
  readonly same: number | undefined;
  /**
   * Takes possession of the cluster: what is made in it from now on is taken away when this is disposed of.
   *
   * @param repository an address of git that its pods must reach
   */
  take(repository: string): Promise<void>;
  /** Lets its nodes pull the images of the account's registry from the emulator. */
  serveRegistry(account: string, region: string, emulator: string): Promise<void>;
  /** What EKS says of it. @param changed called when EKS was told to make and to delete it */
  outerCluster(changed: OuterCluster["changed"]): OuterCluster;
  /** Takes away what a delivery made, as EKS would with the cluster. */
  empty(): Promise<void>;
}

/** What EKS' access policies for a whole cluster are in Kubernetes' own roles. */
const policies = { AmazonEKSAdminPolicy: "admin", AmazonEKSEditPolicy: "edit", AmazonEKSViewPolicy: "view" } as const;

/**
 * Opens a context and checks whether it can be rehearsed in; nothing is changed in its cluster. Disposing of it takes
 * away whatever the rehearsal made there, and compares.
 *
 * @param repository the root folder of the repository that is rehearsed
 * @param folder a folder of its own, which nobody else may look into
 * @throws SlipwayError when it cannot be rehearsed in, with the reason
 */
export async function openKubeContext(
  options: KubeContextOptions,
  repository: string,
  folder: string,
): Promise<KubeContext> {
  await using undo = new AsyncDisposableStack();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const config = await readConfig(join(repository, "slipway.yaml"));
  const name = clusterName(config, config.deliver);
  const facts = await readKubeContext(options.name);
  const kubectl = kubectlFor(options.name);
  const socket = undo.use(openApiSocket(options.name, folder));
  let authenticate: Parameters<typeof startFront>[0]["authenticate"] | undefined;
  const asks = (token: string) => authenticate?.(token) ?? Promise.resolve(undefined);
  const front = undo.use(await startFront({ socket, authenticate: asks, folder }));
  const kubernetes = openKubernetes(front.access);
  const inspection = await inspect(options.name, kubernetes);
  const host = options.address ?? (await addressTowards(inspection.address));
  await assertLocal("This rehearsal", `http://${host}`);
  const names = await namesIn(repository);
  const holder = `${userInfo().username}@${hostname()}`;
  await insistOnRoom(options.name, kubernetes, names, holder);

  let agents: NodeAgents | undefined;
  let before: string[] | undefined;
  let same: number | undefined;
  const empty = () => removeLeftovers(kubernetes, names, inspection.emulated);
  const { emulated } = inspection;
  const controllers: CloudControllerName[] = [
    ...(emulated.loadBalancers ? ["load-balancers" as const] : []),
    ...(emulated.volumes ? ["volumes" as const] : []),
    "external-dns",
  ];
  const exec: NodeAgents["exec"] = (node, command) => {
    if (!agents) throw new SlipwayError(`No pod of ${ownNamespace} runs in ${options.name}.`);
    return agents.exec(node, command);
  };
  const release = undo.move();
  return {
    facts,
    inspection,
    host,
    cluster: { ...(await runningCluster(name, inspection.address, front, exec)), controllers },
    get same() {
      return same;
    },
    async take(url) {
      // What a rehearsal that was killed has left.
      if ((await holderOf(kubernetes)) === holder) {
        await empty();
        await unmarkCluster(kubernetes);
      }
      const found = await inventory(kubectl);
      await markCluster(kubernetes, holder);
      // Nothing is ours to take away before the mark is.
      before = found;
      for (const [policy, role] of Object.entries(policies))
        await kubernetes.create("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", binding(policy, role));
      const image = `quay.io/argoproj/argocd:${await installedArgocd(repository)}`;
      agents = await startNodeAgents({ kubernetes, kubectl, image, containerd: inspection.containerd });
      await agents.probe(url);
    },
    async serveRegistry(account, region, emulator) {
      await agents?.serveRegistry(`${account}.dkr.ecr.${region}.amazonaws.com`, emulator);
      authenticate = iamAuthenticator({ endpoint: emulator, region, credentials: rootCredentials, cluster: name });
    },
    outerCluster: (changed) => {
      const { server: endpoint, certificateAuthority } = front.access;
      return { name, endpoint, certificateAuthority, changed };
    },
    empty,
    async [Symbol.asyncDispose]() {
      await using _ = release;
      if (!before) return;
      await empty();
      await agents?.remove();
      await unmarkCluster(kubernetes);
      const after = await inventory(kubectl);
      const changes = differences(before, after);
      if (changes.length > 0)
        throw new SlipwayError(`The cluster of ${options.name} is not as it was before: ${changes.join(", ")}.`, {
          next: "Look at these with kubectl; what somebody else has made in the meantime does not belong to the rehearsal.",
          reason: "context-changed",
        });
      same = after.length;
    },
  };
}

/** @throws SlipwayError when the cluster has something that a delivery would take for its own */
async function insistOnRoom(
  context: string,
  kubernetes: Kubernetes,
  names: DeliveryNames,
  holder: string,
): Promise<void> {
  const other = await holderOf(kubernetes);
  if (other === holder) return;
  if (other !== undefined)
    throw new SlipwayError(`${other} rehearses in the cluster of ${context}.`, {
      next: `Wait for its end. If it was killed: kubectl --context=${context} annotate --overwrite namespace ${ownNamespace} ${ownNamespace}/holder=${holder}, and again.`,
      reason: "context-taken",
    });
  const leftovers = await leftoversIn(kubernetes, names);
  if (leftovers.length > 0)
    throw new SlipwayError(`The cluster of ${context} has what a delivery makes: ${listed(leftovers)}.`, {
      next: "Nothing was changed. Rehearse in a cluster without these, so that nobody's are lost.",
      reason: "context-taken",
    });
}

async function runningCluster(
  name: string,
  address: string,
  front: Front,
  exec: NodeAgents["exec"],
): Promise<RunningCluster> {
  const { server, certificateAuthority, token } = front.access;
  return {
    name,
    address,
    access: front.access,
    kubeconfig: renderKubeconfig(server, certificateAuthority, await token()),
    folders: {
      make: async (node, path) => {
        await exec(node, ["mkdir", "-p", path]);
      },
      remove: async (node, path) => {
        await exec(node, ["rm", "-rf", path]);
      },
    },
  };
}

function binding(policy: string, role: string): object {
  const apiGroup = "rbac.authorization.k8s.io";
  return {
    metadata: { name: `${ownNamespace}-${role}`, labels: { [ownLabel]: ownNamespace } },
    roleRef: { apiGroup, kind: "ClusterRole", name: role },
    subjects: [{ apiGroup, kind: "Group", name: policyGroup(policy) }],
  };
}
