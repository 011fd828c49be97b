import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { vi } from "vitest";
import { startEmulator } from "../../../../scripts/rehearsal/aws/emulator/emulator.ts";
import { type Proxy, startProxy } from "../../../../scripts/rehearsal/aws/proxy/proxy.ts";
import { record, roleKey } from "../../../../scripts/rehearsal/permissions/record.ts";
import { startApiServer } from "../../../../scripts/rehearsal/cluster/api-server.ts";
import { type ArgocdProcesses, startArgocdProcesses } from "../../../../scripts/rehearsal/cluster/argocd/processes.ts";
import { makeAuthority } from "../../../../scripts/rehearsal/cluster/certificates.ts";
import {
  type CloudControllers,
  startCloudControllers,
} from "../../../../scripts/rehearsal/cluster/controllers/cloud-controllers.ts";
import type { ControllerStep } from "../../../../scripts/rehearsal/cluster/controllers/controller.ts";
import { type Application, applicationsPath, argocdNamespace } from "../../../lib/argocd/application.ts";
import type { ClusterFacts } from "../../../lib/argocd/cluster-facts.ts";
import { installArgoCd } from "../../../lib/argocd/install.ts";
import { rootApplication } from "../../../lib/argocd/readiness.ts";
import { NodePlayer } from "../../argocd/node.ts";
import { parseConfig } from "../../../lib/config/config.ts";
import { type ApiServerAccess, type Kubernetes, openKubernetes } from "../../../lib/kubernetes/kubernetes.ts";
import { type KubernetesObject } from "../../../lib/kubernetes/objects.ts";
import { type Environment, openEnvironment } from "../../../lib/lifecycle/environment.ts";
import { type AwsListing, type AwsSettings, listAws, makeNames, makeNetwork } from "./fixture-aws.ts";
import { listCluster, playReadyNode, playScheduler } from "./fixture-cluster.ts";
import { type FixtureDown, takeFixtureDown, type FixtureOutcome, silent } from "./fixture-down.ts";
import { type RepositoryFixture, startRepositoryFixture } from "./fixture-repository.ts";

/**
 * An environment "dev" whose cluster is a real API server with Kubernetes' controllers, the real Argo CD and the cloud
 * controllers, along with an emulated AWS. Nothing runs the app's pods: a player says of each that it is ready.
 */
export interface ClusterFixture extends AsyncDisposable {
  readonly kubernetes: Kubernetes;
  /** As a member of the group slipway:verify sees it. */
  readonly verify: Kubernetes;
  /** The path of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly environment: Environment;
  readonly aws: AwsSettings;
  /** In front of the emulated AWS, for everybody. */
  readonly proxy: Proxy;
  readonly argocd: ArgocdProcesses;
  readonly controllers: CloudControllers;
  readonly repository: RepositoryFixture;
  /** What the players could not do. */
  readonly failures: readonly unknown[];
  /** Called before each change of the cloud controllers; it may wait or fail. `up` takes it away. */
  onStep: ((step: ControllerStep) => void | Promise<void>) | undefined;
  /** Brings everything up, whatever an earlier test has left, until the app is healthy as it was first pushed. */
  up(): Promise<void>;
  /** Takes the stages down that go while the cluster lives. Never throws. */
  down(how?: FixtureDown): Promise<FixtureOutcome>;
  /** What is in the cluster and in AWS, by their own listings. */
  list(): Promise<{ cluster: string[]; aws: AwsListing }>;
  /** Waits until Argo CD's Application of the app is as wanted. */
  application(wanted: (application: Application) => boolean): Promise<void>;
}

const cluster = "demo-dev";
const tags = { "slipway:project": "demo", "slipway:environment": "dev" };
const config = parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: demo/platform }
environments: { dev: { cluster: { publicAccessCidrs: [0.0.0.0/0] } } }
`);
const { region } = config.aws;

/** Milliseconds for whatever is waited for: the machine may be compiling. */
const patience = 60_000;

/** Waits until there is something, and gives it. @throws Error naming `what` when it does not come */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + patience;
  while (Date.now() < end) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    await sleep(50);
  }
  throw new Error(`Not within ${patience / 1000} s: ${what}`);
}

/**
 * Starts all of it, without Argo CD and the app, which `up` brings; `AWS_ENDPOINT_URL` names its AWS until it is disposed
 * of. The first time on a machine, it compiles Kubernetes and Argo CD.
 *
 * @param domain gives the app a name below it: the account has a zone of this name, and a certificate
 */
export async function openClusterFixture(domain?: string): Promise<ClusterFixture> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "slipway-fixture-"));
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  const log = join(folder, "compiler.log");
  const server = undo.use(
    await startApiServer({ folder: join(folder, "cluster"), log, controllers: true, groups: ["slipway:verify"] }),
  );
  const repository = undo.use(await startRepositoryFixture(join(folder, "git")));
  const emulator = undo.use(await startEmulator({ log: join(folder, "aws.log") }));
  const proxy = undo.use(await startProxy({ upstream: emulator.endpoint, sessions: roleKey.of("demo-apply-dev") }));
  const aws = { endpoint: proxy.endpoint, region, credentials: emulator.credentials };
  vi.stubEnv("AWS_ENDPOINT_URL", proxy.endpoint);
  undo.defer(() => void vi.unstubAllEnvs());
  await makeNetwork(aws, cluster, tags);
  const facts = domain === undefined ? undefined : await makeNames(aws, cluster, domain, tags);

  const kubernetes = openKubernetes(server.access);
  const failures: unknown[] = [];
  undo.use(await playReadyNode(kubernetes, "node-1", `${region}a`));
  undo.use(new NodePlayer(kubernetes, { fates: new Map(), failures }));
  undo.use(playScheduler(kubernetes, "node-1", failures));
  const argocd = undo.use(
    await startArgocdProcesses({ kubernetes, kubeconfig: server.kubeconfig, folder: join(folder, "argocd"), log }),
  );
  const hook: Pick<ClusterFixture, "onStep"> = { onStep: undefined };
  const controllers = undo.use(
    startCloudControllers({
      access: server.access,
      cluster,
      aws,
      volumeTags: tags,
      log: () => {},
      ...(facts && { authority: await makeAuthority(join(folder, "authority")) }),
      // No pod writes anything.
      folders: { make: async () => {}, remove: async () => {} },
      before: (step) => hook.onStep?.(step),
    }),
  );
  const credentials = () => Promise.resolve(roleKey);
  const { dev } = config.environments;
  const named = dev && { ...config, environments: { dev: { ...dev, domain } } };
  const opened = openEnvironment({ name: "dev", config: named ?? config, credentials, directory: repository.path });
  const environment: Environment = { ...opened, cluster: () => Promise.resolve(kubernetes) };
  const { kubeconfig } = server;
  const verify = openKubernetes(server.member("slipway:verify"));
  const parts = { kubernetes, verify, kubeconfig, environment, aws, proxy, argocd, controllers, repository, failures };
  const bringUp = upFor(parts, server.access, facts);
  const { account } = config.aws;
  const names = { project: "demo", environment: "dev", account, region, domain };
  undo.defer(() => record("stages", proxy.calls, names));
  const release = undo.move();
  return Object.assign(hook, {
    ...parts,
    async up() {
      hook.onStep = undefined;
      await bringUp();
    },
    down: (how: FixtureDown = {}) => takeFixtureDown(environment, how),
    list: async () => ({ cluster: await listCluster(kubernetes), aws: await listAws(aws) }),
    application: (wanted: ApplicationFilter) => application(kubernetes, wanted),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  });
}

type ApplicationFilter = (application: Application) => boolean;
type UpParts = Pick<ClusterFixture, "kubernetes" | "proxy" | "argocd" | "controllers" | "repository">;

function upFor(
  { kubernetes, proxy, argocd, controllers, repository }: UpParts,
  access: ApiServerAccess,
  facts: ClusterFacts | undefined,
) {
  /** The root Application as the installation made it. */
  let root: Application | undefined;
  const path = `${applicationsPath}/${rootApplication}`;

  async function install(): Promise<void> {
    const signal = AbortSignal.timeout(2 * patience);
    const options = { kubernetes, access, repository: repository.path, environment: "dev", facts };
    await installArgoCd({ ...options, signal, report: silent });
    root = await kubernetes.get<Application>(path);
  }

  /** Where only the apps have gone, their root brings them back. */
  async function bringRoot(): Promise<void> {
    // It looks at git again, and with it everything that it makes.
    const annotations = { "argocd.argoproj.io/refresh": "normal" };
    const metadata = { name: rootApplication, annotations };
    if (await kubernetes.get(path)) await kubernetes.patch(path, { metadata: { annotations } });
    else
      await kubernetes.create(applicationsPath, {
        apiVersion: "argoproj.io/v1alpha1",
        kind: "Application",
        metadata,
        spec: root?.spec,
      });
  }

  return async () => {
    proxy.faults.clear();
    for (const name of ["load-balancers", "volumes"] as const) controllers.start(name);
    await argocd.start("argocd-application-controller");
    await repository.push({});
    if (await kubernetes.get(`/api/v1/namespaces/${argocdNamespace}`)) await bringRoot();
    else await install();
    await application(kubernetes, isHealthy);
    // Its pod is said to be ready without it.
    const claim = "/api/v1/namespaces/guests/persistentvolumeclaims/data-guests-database-0";
    await eventually("the app has its volume", async () => {
      const found = await kubernetes.get<KubernetesObject & { status?: { phase?: string } }>(claim);
      return found?.status?.phase === "Bound";
    });
  };
}

async function application(kubernetes: Kubernetes, wanted: ApplicationFilter): Promise<void> {
  await eventually(`an Application guests with ${wanted.toString()}`, async () => {
    const { items } = await kubernetes.list<Application>(applicationsPath);
    return items.some((each) => each.metadata.name === "guests" && wanted(each));
  });
}

/** Whether an Application is as git says, and everything that it runs is well. */
const isHealthy: ApplicationFilter = ({ metadata, status }) =>
  metadata.deletionTimestamp === undefined &&
  status?.sync?.status === "Synced" &&
  status.health?.status === "Healthy" &&
  status.operationState?.phase === "Succeeded";
