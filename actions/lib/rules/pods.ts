import { containerRule, podRule, type Rule, when } from "./rule.ts";

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
const restrictedVolumes = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/** What pods and their containers owe: the restricted profile, limits, and our own images. */
export const podRules: readonly Rule[] = [
  podRule("service-account", "Pods run as a ServiceAccount of their own.", ({ serviceAccountName: name }) =>
    when(!name || name === "default", "runs as the default ServiceAccount"),
  ),
  podRule(
    "account-token",
    "Pods say whether they get a token for the cluster's API.",
    ({ automountServiceAccountToken: token }) => when(token === undefined, "does not say whether it gets a token"),
  ),
  podRule("non-root", "No pod runs as root, and each names its user by number.", ({ securityContext, ...pod }) => [
    ...when(securityContext?.runAsNonRoot !== true, "may run as root"),
    ...when(!securityContext?.runAsUser, "names no user by number"),
    ...[...(pod.initContainers ?? []), ...pod.containers].flatMap(({ name, securityContext: own }) =>
      when(own?.runAsNonRoot === false || own?.runAsUser === 0, `container ${name}: may run as root`),
    ),
  ]),
  podRule("seccomp", "Pods have the seccomp profile RuntimeDefault.", ({ securityContext, ...pod }) => [
    ...when(securityContext?.seccompProfile?.type !== "RuntimeDefault", "no seccomp profile"),
    ...[...(pod.initContainers ?? []), ...pod.containers].flatMap(({ name, securityContext: own }) =>
      when(own?.seccompProfile?.type === "Unconfined", `container ${name}: no seccomp profile`),
    ),
  ]),
  podRule("host-access", "No pod gets at its node: host namespaces, host paths, host ports.", (pod) => [
    ...(["hostNetwork", "hostPID", "hostIPC"] as const).flatMap((field) =>
      when(pod[field] === true, `shares its node's own (${field})`),
    ),
    ...(pod.volumes ?? []).flatMap(({ name, hostPath }) =>
      when(hostPath !== undefined, `volume ${name}: a path of its node (hostPath)`),
    ),
    ...[...(pod.initContainers ?? []), ...pod.containers].flatMap(({ name, ports = [] }) =>
      ports.flatMap(({ hostPort }) =>
        when(Boolean(hostPort), `container ${name}: takes port ${hostPort} of its node (hostPort)`),
      ),
    ),
  ]),
  podRule("volume-kinds", "Volumes are of the kinds that the restricted profile lets through.", ({ volumes = [] }) =>
    volumes.flatMap(({ name, ...source }) =>
      Object.keys(source)
        .filter((kind) => kind !== "hostPath" && !restrictedVolumes.has(kind))
        .map((kind) => `volume ${name}: the restricted profile refuses ${kind}`),
    ),
  ),
  podRule("disk-limit", "Each `emptyDir` has a size limit.", ({ volumes = [] }) =>
    volumes.flatMap(({ name, emptyDir }) =>
      when(emptyDir !== undefined && !emptyDir.sizeLimit, `volume ${name}: may fill the node's disk`),
    ),
  ),
  containerRule(
    "image",
    "Each image is a component of the app, or named by digest; never by the tag `latest`.",
    ({ image }, { components }) => {
      const digest = /@sha256:[0-9a-f]{64}$/.test(image);
      return [
        ...when(/:latest$/.test(image), "the tag latest"),
        ...when(
          !digest && !components.includes(image),
          `image ${image || '""'} is neither a component nor named by digest`,
        ),
      ];
    },
  ),
  containerRule("requests", "Containers say how much CPU and memory they request.", ({ resources }) =>
    when(!resources?.requests?.["cpu"] || !resources.requests["memory"], "no requests"),
  ),
  containerRule("memory-limit", "Containers have a memory limit.", ({ resources }) =>
    when(!resources?.limits?.["memory"], "no memory limit"),
  ),
  containerRule("no-escalation", "No container is privileged or may gain rights.", ({ securityContext: context }) => [
    ...when(context?.allowPrivilegeEscalation !== false, "may gain rights"),
    ...when(context?.privileged === true, "is privileged"),
    ...when(context?.procMount !== undefined && context.procMount !== "Default", "sees its node's /proc (procMount)"),
  ]),
  containerRule("read-only-root", "The root file system is read-only.", ({ securityContext: context }) =>
    when(context?.readOnlyRootFilesystem !== true, "a writable root"),
  ),
  containerRule("capabilities", "All capabilities are dropped, and none is added.", ({ securityContext: context }) => [
    ...when(!context?.capabilities?.drop?.includes("ALL"), "keeps capabilities"),
    ...when(
      (context?.capabilities?.add ?? []).length > 0,
      `adds capabilities (${context?.capabilities?.add?.join(", ")})`,
    ),
  ]),
];
