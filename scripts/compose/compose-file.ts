import { stringify } from "yaml";

/** https://github.com/compose-spec/compose-spec/blob/main/spec.md, as far as it is written. */
export interface ComposeFile {
  /** The project: begins the name of everything that is made in Docker. */
  name: string;
  services: Record<string, ComposeService>;
  networks: { default: Labelled };
  volumes: Record<string, Labelled>;
}

/** What our own marks are on. */
export interface Labelled {
  labels: Record<string, string>;
}

/** One service: the same container, once or several times. */
export interface ComposeService extends Labelled {
  image: string;
  pull_policy: "never";
  entrypoint?: string[];
  command?: string[];
  working_dir?: string;
  environment: Record<string, string>;
  user?: string;
  group_add?: string[];
  read_only: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  volumes: ComposeMount[];
  /** `path:options`, as in fstab. */
  tmpfs: string[];
  ports?: ComposePort[];
  networks: { default: { aliases: string[] } };
  depends_on: Record<string, ServiceDependency>;
  healthcheck?: Healthcheck;
  restart: string;
  stop_grace_period: string;
  deploy: {
    replicas: number;
    resources: { limits: ComposeResources; reservations: ComposeResources };
  };
}

/** What must be true of another service before this one starts. */
export interface ServiceDependency {
  condition: "service_started" | "service_healthy" | "service_completed_successfully";
  /** Whether this one starts again with it. */
  restart: boolean;
}

/** Something that is mounted into a container. */
export type ComposeMount =
  | { type: "volume"; source: string; target: string; read_only: boolean }
  | { type: "bind"; source: string; target: string; read_only: true; bind: { create_host_path: false } };

/** A port of this machine that leads to a container's. */
export interface ComposePort {
  target: number;
  published: string;
  host_ip: string;
}

/** How Docker checks a container; durations as `3s`. */
export interface Healthcheck {
  test: string[];
  interval: string;
  timeout: string;
  retries: number;
  start_period: string;
}

/** Bytes and processors. */
export interface ComposeResources {
  memory?: string;
  cpus?: string;
}

/** The file's text. Compose fills in variables where it sees a dollar sign, so that each of these is doubled. */
export function renderComposeFile(file: ComposeFile): string {
  return stringify(literal(file), { lineWidth: 0, aliasDuplicateObjects: false });
}

function literal(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, literal(each)]));
}
