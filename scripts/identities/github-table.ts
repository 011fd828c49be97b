import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { markdownTable, ownMarkdown } from "../../actions/lib/core/markdown.ts";

const root = join(import.meta.dirname, "..", "..");
const folder = join(root, ".github", "workflows");

type Permissions = string | Record<string, string>;

/** A workflow file, as far as it says who may do what. */
interface WorkflowRights {
  on: string | string[] | Record<string, unknown>;
  permissions?: Permissions;
  jobs: Record<string, Job>;
}

interface Job {
  environment?: unknown;
  permissions?: Permissions;
  steps?: { uses?: string; with?: Record<string, unknown> }[];
}

/** One job with what it may do. */
export interface JobRights {
  /** The workflow file's name. */
  workflow: string;
  job: string;
  /** The events that start the workflow. */
  events: readonly string[];
  /** Whether it runs in an environment of GitHub. */
  inEnvironment: boolean;
  /** What its GITHUB_TOKEN may do, such as `contents: read`. */
  permissions: readonly string[];
  /** The AWS roles that its actions take on: `plan`, `deploy` or `apply`. */
  roles: readonly string[];
}

/** Every job of every workflow. */
export async function jobIdentities(): Promise<JobRights[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yml")).sort();
  const found = await Promise.all(
    files.map(async (workflow) => {
      const { on, permissions, jobs } = parse(await readFile(join(folder, workflow), "utf8")) as WorkflowRights;
      const events = typeof on === "string" ? [on] : Array.isArray(on) ? on : Object.keys(on);
      return Promise.all(
        Object.entries(jobs).map(async ([job, each]) => ({
          workflow,
          job,
          events,
          inEnvironment: each.environment !== undefined,
          permissions: permissionsOf(each.permissions ?? permissions),
          roles: await rolesOf(each),
        })),
      );
    }),
  );
  return found.flat();
}

function permissionsOf(given: Permissions | undefined): string[] {
  // GitHub's default depends on the repository's settings, and may be everything.
  if (given === undefined) return ["as the repository's settings say"];
  if (typeof given === "string") return [given];
  return Object.entries(given).map(([name, level]) => `${name}: ${level}`);
}

/** The roles that the actions of a job take on, as their sources name them. */
async function rolesOf({ steps = [] }: Job): Promise<string[]> {
  const roles = new Set<string>();
  for (const { uses, with: inputs = {} } of steps) {
    const action = /^\.\/actions\/([a-z-]+)$/.exec(uses ?? "")?.[1];
    if (!action) continue;
    const source = await readFile(join(root, "actions", action, "main.ts"), "utf8");
    const named = new Set(
      [...source.matchAll(/(?:\$\{\w+\.project\}-|\brole: ")(plan|deploy|apply)\b/g)].map((match) => match[1] ?? ""),
    );
    if (/\brole: command\b/.test(source)) for (const role of ["plan", "apply"]) named.add(role);
    // An action with a role that plans and another that applies has an input that says which.
    for (const role of named)
      if (named.size === 1 || (role === "plan") === (inputs.command === "plan")) roles.add(role);
  }
  return [...roles].sort();
}

/** What each job's GITHUB_TOKEN may do at most, and which AWS role the job takes on, as Markdown. */
export async function githubTable(): Promise<string> {
  const rows = (await jobIdentities()).map(({ workflow, job, events, inEnvironment, permissions, roles }) => [
    `\`${workflow}\` ${job}`,
    events.join(", "),
    permissions.join(", ") || "nothing",
    roles.map((role) => `\`<project>-${role}${role === "apply" ? "-<environment>" : ""}\``).join(", "),
    inEnvironment ? "yes" : "",
  ]);
  return markdownTable(
    ["Job", "Started by", "Its GITHUB_TOKEN may", "AWS role", "In an environment"],
    rows.map((row) => row.map(ownMarkdown)),
  );
}
