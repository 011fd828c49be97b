import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { ComposeResources, ComposeService, Healthcheck } from "./compose-file.ts";
import { configMap, type ContainerInput, type LocalImage, unsupported } from "./container-context.ts";
import {
  type ComposeContainer,
  imageName,
  portNumber,
  type Probe,
  quantity,
  type SecurityContext,
  type ComposeWorkload,
} from "./manifests.ts";
import { mountsOf } from "./mounts.ts";

/** What of a Compose service its pod decides; the rest depends on the other workloads. */
export type PodService = Omit<ComposeService, "labels" | "networks" | "depends_on" | "deploy" | "restart"> & {
  resources: ComposeService["deploy"]["resources"];
};

/** A pod as a Compose service. @throws SlipwayError naming what Compose has nothing for */
export function podService(workload: ComposeWorkload, context: ContainerInput): PodService {
  const pod = workload.spec.template.spec;
  const [container, ...others] = pod.containers;
  if (!container || others.length > 0 || pod.initContainers) throw unsupported(workload, "a pod of several containers");
  const image = context.images.get(imageName(container.image));
  if (!image)
    throw new SlipwayError(
      `${workload.metadata.name} runs ${container.image}, which is not an image of this repository.`,
      {
        next: "Make it a component: a folder apps/<app>/<component> with a Dockerfile.",
      },
    );
  const rights = { ...pod.securityContext, ...container.securityContext };
  const healthcheck = healthcheckOf(container, image);
  return {
    image: image.reference,
    pull_policy: "never",
    ...(container.command && { entrypoint: container.command }),
    ...(container.args && { command: container.args }),
    ...(container.workingDir && { working_dir: container.workingDir }),
    environment: environmentOf(workload, container, image, context),
    ...rightsOf(rights),
    ...mountsOf(workload, container, context),
    ...(healthcheck && { healthcheck }),
    stop_grace_period: `${pod.terminationGracePeriodSeconds ?? 30}s`,
    resources: {
      limits: resourcesOf(container.resources?.limits),
      reservations: resourcesOf({ memory: container.resources?.requests?.memory }),
    },
  };
}

function rightsOf(rights: SecurityContext): Partial<PodService> & Pick<PodService, "read_only"> {
  const user = [rights.runAsUser, rights.runAsGroup].filter((id) => id !== undefined).join(":");
  return {
    ...(user && { user }),
    ...(rights.fsGroup !== undefined && { group_add: [String(rights.fsGroup)] }),
    read_only: rights.readOnlyRootFilesystem ?? false,
    ...(rights.capabilities?.drop && { cap_drop: rights.capabilities.drop }),
    ...(rights.capabilities?.add && { cap_add: rights.capabilities.add }),
    ...(rights.allowPrivilegeEscalation === false && { security_opt: ["no-new-privileges:true"] }),
  };
}

function resourcesOf(resources: { memory?: string | undefined; cpu?: string } = {}): ComposeResources {
  return {
    ...(resources.memory !== undefined && { memory: String(quantity(resources.memory)) }),
    ...(resources.cpu !== undefined && { cpus: String(quantity(resources.cpu)) }),
  };
}

function environmentOf(
  workload: ComposeWorkload,
  container: ComposeContainer,
  image: LocalImage,
  context: ContainerInput,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const { prefix = "", configMapRef, secretRef } of container.envFrom ?? []) {
    const values = configMapRef ? configMap(workload, configMapRef.name, context) : secretRef && context.secret;
    for (const [name, value] of Object.entries(values ?? {})) environment[prefix + name] = value;
  }
  const valueOf = (
    source: NonNullable<NonNullable<ComposeContainer["env"]>[number]["valueFrom"]>,
  ): string | undefined => {
    if (source.secretKeyRef) return context.secret[source.secretKeyRef.key];
    if (source.configMapKeyRef)
      return configMap(workload, source.configMapKeyRef.name, context)[source.configMapKeyRef.key];
    return source.fieldRef?.fieldPath === "metadata.namespace" ? workload.metadata.namespace : undefined;
  };
  for (const { name, value = "", valueFrom } of container.env ?? []) {
    // The overlay tells the service which image it is; here it is another one.
    const literal = value === container.image ? image.reference : expand(value, environment);
    const found = valueFrom ? valueOf(valueFrom) : literal;
    if (found === undefined) throw unsupported(workload, `the variable ${name} from ${JSON.stringify(valueFrom)}`);
    environment[name] = found;
  }
  return environment;
}

/** https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/ */
function expand(value: string, known: Readonly<Record<string, string>>): string {
  return value.replace(/\$\$|\$\(([\w.-]+)\)/g, (found, name: string | undefined) =>
    name === undefined ? "$" : (known[name] ?? found),
  );
}

/** Kubernetes' own times where a probe names none. */
const defaults = { periodSeconds: 10, timeoutSeconds: 1, failureThreshold: 3, initialDelaySeconds: 0 };

/** Docker starts a program in the container for each check, which on a busy machine takes longer than a request does. */
const patience = 10;

/** The readiness probe as Docker can ask it; undefined where the image holds nothing to ask with. */
function healthcheckOf(container: ComposeContainer, image: LocalImage): Healthcheck | undefined {
  const probe = container.readinessProbe ?? container.startupProbe;
  const test = probe && testOf(probe, container, image);
  if (!test) return undefined;
  const { periodSeconds, timeoutSeconds, failureThreshold } = { ...defaults, ...probe };
  const start = { ...defaults, ...(container.startupProbe ?? { failureThreshold: 0 }) };
  return {
    test,
    interval: `${periodSeconds}s`,
    timeout: `${Math.max(timeoutSeconds, patience)}s`,
    retries: failureThreshold,
    start_period: `${start.initialDelaySeconds + start.periodSeconds * start.failureThreshold}s`,
  };
}

/** Whether $0 accepts a connection; with a path as $1, whether it answers a request with success. */
const ask = [
  'exec 3<>"/dev/tcp/127.0.0.1/$0" || exit 1',
  "[ $# -eq 0 ] && exit 0",
  `printf 'GET %s HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' "$1" >&3`,
  "read -r -u 3 _ status _",
  "[[ $status == [23]* ]]",
].join("; ");

function testOf(probe: Probe, container: ComposeContainer, image: LocalImage): string[] | undefined {
  if (probe.exec) return ["CMD", ...probe.exec.command];
  const { httpGet, tcpSocket } = probe;
  const port = httpGet?.port ?? tcpSocket?.port;
  if (!image.bash || port === undefined) return undefined;
  const path = httpGet ? [httpGet.path ?? "/"] : [];
  return ["CMD", "bash", "-c", ask, String(portNumber(container, port)), ...path];
}
