import { join } from "node:path";
import type { ComposeMount, ComposeService } from "./compose-file.ts";
import { configMap, type ContainerInput, unsupported } from "./container-context.ts";
import {
  type ComposeContainer,
  type PodVolume,
  quantity,
  type VolumeMount,
  type ComposeWorkload,
} from "./manifests.ts";

type Mounts = Pick<ComposeService, "volumes" | "tmpfs">;

/** What is mounted into a container. @throws SlipwayError for a volume that Compose has nothing for */
export function mountsOf(workload: ComposeWorkload, container: ComposeContainer, context: ContainerInput): Mounts {
  const mounts: Mounts = { volumes: [], tmpfs: [] };
  for (const mount of container.volumeMounts ?? []) {
    const volume = workload.spec.template.spec.volumes?.find(({ name }) => name === mount.name);
    if (volume?.emptyDir) mounts.tmpfs.push(temporary(workload, mount.mountPath, volume.emptyDir.sizeLimit));
    else mounts.volumes.push(persistent(workload, mount, volume) ?? files(workload, mount, volume, context));
  }
  return mounts;
}

/**
 * An emptyDir: empty whenever the container starts, and the user's own. Older versions of runc give it the mode of the
 * folder that it covers, so that 1777 alone would not do (https://github.com/opencontainers/runc/issues/3911).
 */
function temporary(workload: ComposeWorkload, path: string, size: string | undefined): string {
  const [container] = workload.spec.template.spec.containers;
  const { runAsUser: user, runAsGroup: group } = {
    ...workload.spec.template.spec.securityContext,
    ...container?.securityContext,
  };
  const options = [
    "exec",
    "mode=1777",
    ...(size === undefined ? [] : [`size=${quantity(size)}`]),
    ...(user === undefined ? [] : [`uid=${user}`]),
    ...(group === undefined ? [] : [`gid=${group}`]),
  ];
  return `${path}:${options.join(",")}`;
}

function persistent(
  workload: ComposeWorkload,
  mount: VolumeMount,
  volume: PodVolume | undefined,
): ComposeMount | undefined {
  const isTemplate = workload.spec.volumeClaimTemplates?.some(({ metadata }) => metadata.name === mount.name);
  const source = isTemplate ? `${workload.metadata.name}-${mount.name}` : volume?.persistentVolumeClaim?.claimName;
  if (source === undefined) return undefined;
  if (mount.subPath !== undefined) throw unsupported(workload, `a folder of the volume ${mount.name}`);
  return { type: "volume", source, target: mount.mountPath, read_only: mount.readOnly ?? false };
}

/** A Secret's or a ConfigMap's files, which the caller writes. */
function files(
  workload: ComposeWorkload,
  mount: VolumeMount,
  volume: PodVolume | undefined,
  context: ContainerInput,
): ComposeMount {
  const values = volume?.secret
    ? context.secret
    : volume?.configMap && configMap(workload, volume.configMap.name, context);
  if (!values) throw unsupported(workload, `the volume ${mount.name}`);
  const folder = join(context.folder, `${workload.metadata.name}-${mount.name}`);
  const items = volume?.secret?.items ?? volume?.configMap?.items;
  for (const { key, path } of items ?? Object.keys(values).map((each) => ({ key: each, path: each }))) {
    const value = values[key];
    if (value === undefined) throw unsupported(workload, `the volume ${mount.name} with ${key}, which has no value`);
    context.files.set(join(folder, path), value);
  }
  const source = mount.subPath === undefined ? folder : join(folder, mount.subPath);
  return { type: "bind", source, target: mount.mountPath, read_only: true, bind: { create_host_path: false } };
}
