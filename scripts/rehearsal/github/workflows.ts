import { type Document, isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";

/** What decides whether a push starts a workflow. */
export interface PushFilter {
  branches?: string[];
  branchesIgnore?: string[];
  paths?: string[];
  pathsIgnore?: string[];
}

/** A workflow file, read as far as a rehearsal needs it. */
export interface Workflow {
  /** Its `name`, or the file's name. */
  name: string;
  /** The file's name, for example `deliver.yml`. */
  file: string;
  /** The filters of `on.push`; undefined when no push starts it. */
  push: PushFilter | undefined;
  /** The jobs' ids in the file's order, each with the name that it shows. */
  jobs: Map<string, string>;
  /** Whether it or one of its jobs is in a concurrency group: such runs wait for each other. */
  exclusive: boolean;
  /** Whether some checkout wants the history, and not only the commit itself. */
  wantsHistory: boolean;
}

type PushSettings = Partial<Record<"branches" | "branches-ignore" | "paths" | "paths-ignore", string[]>>;

interface WorkflowFile {
  name?: string;
  on?: string | string[] | { push?: PushSettings | null };
  concurrency?: unknown;
  jobs?: Record<
    string,
    { name?: string; concurrency?: unknown; steps?: { uses?: string; with?: Record<string, unknown> }[] }
  >;
}

/** Reads a workflow. @throws SlipwayError when it is not YAML or has no jobs */
export function readWorkflow(file: string, text: string): Workflow {
  const content = parse(file, text).toJS() as WorkflowFile;
  const jobs = Object.entries(content.jobs ?? {});
  const push = pushOf(content.on);
  const checkouts = jobs
    .flatMap(([, job]) => job.steps ?? [])
    .filter((step) => step.uses?.startsWith("actions/checkout@"));
  const filter: PushFilter = {};
  if (push?.branches) filter.branches = push.branches;
  if (push?.["branches-ignore"]) filter.branchesIgnore = push["branches-ignore"];
  if (push?.paths) filter.paths = push.paths;
  if (push?.["paths-ignore"]) filter.pathsIgnore = push["paths-ignore"];
  return {
    name: content.name ?? file,
    file,
    push: push === undefined ? undefined : filter,
    jobs: new Map(jobs.map(([id, job]) => [id, job.name ?? id])),
    exclusive: content.concurrency !== undefined || jobs.some(([, job]) => job.concurrency !== undefined),
    wantsHistory: checkouts.some((step) => Number(step.with?.["fetch-depth"] ?? 1) === 0),
  };
}

/** The settings under `on.push`: null when there are none, undefined when no push starts the workflow. */
function pushOf(on: WorkflowFile["on"]): PushSettings | null | undefined {
  if (typeof on === "string") return on === "push" ? null : undefined;
  if (Array.isArray(on)) return on.includes("push") ? null : undefined;
  return on?.push;
}

/** What the runner must know that GitHub's own runners know by themselves. */
export interface TokenEndpoint {
  /** The token endpoint's address for a job in no environment. */
  requestUrl: string;
  requestToken: string;
}

/**
 * A copy of a workflow in which each job that may ask for an OIDC token (`permissions: id-token: write`) is told where,
 * as GitHub's runners tell it by themselves: the address carries the job's environment, which decides the token's `sub`.
 * A checkout of the run's own branch is one of its commit. Concurrency groups lose "queue", which act does not know: the
 * runner lets all runs wait.
 *
 * @param until the last jobs to keep, with everything that they need; all when left out
 */
export function deriveWorkflow(file: string, text: string, endpoint: TokenEndpoint, until?: readonly string[]): string {
  const document = parse(file, text);
  const jobs = document.get("jobs");
  if (!isMap(jobs)) throw new SlipwayError(`${file} has no jobs.`);
  if (until) keepUntil(jobs, until);
  forgetQueue(document.contents);
  const whole = mayAskForToken(document.get("permissions"));
  for (const { value: job } of jobs.items) {
    if (!isMap(job)) continue;
    forgetOwnRef(job);
    forgetQueue(job);
    const own = job.get("permissions");
    if (!(own === undefined ? whole : mayAskForToken(own))) continue;
    const url = new URL(endpoint.requestUrl);
    const environment = environmentOf(job);
    // Not by searchParams: the expression must stay one until the runner replaces it.
    const query = environment === undefined ? "" : `${url.search ? "&" : "?"}environment=${environment}`;
    document.setIn(["jobs", keyOf(jobs, job), "env", "ACTIONS_ID_TOKEN_REQUEST_URL"], `${url.href}${query}`);
    document.setIn(["jobs", keyOf(jobs, job), "env", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"], endpoint.requestToken);
  }
  return document.toString({ lineWidth: 0 });
}

/** act brings the commit itself, but knows a checkout as its own only by a ref that is not an expression: here, by none. */
function forgetOwnRef(job: YAMLMap): void {
  const steps = job.get("steps");
  for (const step of isSeq(steps) ? steps.items : [])
    if (isMap(step) && /^\$\{\{ *github\.ref *\}\}$/.test(String(step.getIn(["with", "ref"]))))
      step.deleteIn(["with", "ref"]);
}

function forgetQueue(holder: unknown): void {
  const group = isMap(holder) ? holder.get("concurrency") : undefined;
  if (isMap(group)) group.delete("queue");
}

function keepUntil(jobs: YAMLMap, until: readonly string[]): void {
  const kept = new Set<string>();
  const keep = (id: string) => {
    const job = jobs.get(id);
    if (!isMap(job) || kept.has(id)) return;
    kept.add(id);
    const needs = (job.toJSON() as { needs?: string | string[] }).needs ?? [];
    for (const each of [needs].flat()) keep(each);
  };
  for (const id of until) keep(id);
  jobs.items = jobs.items.filter((item) => kept.has(String(isScalar(item.key) ? item.key.value : item.key)));
}

function parse(file: string, text: string): Document {
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem) throw new SlipwayError(`${file}: ${problem.message.split("\n")[0]}`, { next: "Correct the YAML." });
  return document;
}

function keyOf(jobs: YAMLMap, job: YAMLMap): string {
  const pair = jobs.items.find((item) => item.value === job);
  return String(isScalar(pair?.key) ? pair.key.value : pair?.key);
}

function mayAskForToken(permissions: unknown): boolean {
  if (isMap(permissions)) return permissions.get("id-token") === "write";
  return permissions === "write-all";
}

function environmentOf(job: YAMLMap): string | undefined {
  const environment = job.get("environment");
  const name = isMap(environment) ? environment.get("name") : environment;
  return typeof name === "string" ? name : undefined;
}

/**
 * Whether a push starts a workflow, by GitHub's rules
 * (https://docs.github.com/en/actions/writing-workflows/workflow-syntax-for-github-actions#onpushpull_requestpull_request_targetpathspaths-ignore).
 *
 * @param ref the full ref, `refs/heads/<branch>`
 * @param changed the files that the push changed
 */
export function startsOnPush(filter: PushFilter, ref: string, changed: readonly string[]): boolean {
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (branch === undefined) return false;
  if (filter.branches && !selects(filter.branches, branch)) return false;
  if (filter.branchesIgnore && selects(filter.branchesIgnore, branch)) return false;
  const { paths, pathsIgnore } = filter;
  if (paths) return changed.some((file) => selects(paths, file));
  if (pathsIgnore) return changed.length === 0 || changed.some((file) => !selects(pathsIgnore, file));
  return true;
}

/** Whether the last pattern that matches is not a negative one. */
function selects(patterns: readonly string[], value: string): boolean {
  let selected = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith("!");
    if (filterPattern(negative ? pattern.slice(1) : pattern).test(value)) selected = !negative;
  }
  return selected;
}

/** GitHub's filter pattern as a regular expression: `*` stops at a slash, `**` does not, `?` and `+` repeat, `[]` chooses. */
export function filterPattern(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/?|\*|[.^$(){}|\\]/g, (found) => {
    if (found === "**/") return "(?:.*/)?";
    if (found === "**") return ".*";
    if (found === "*") return "[^/]*";
    return `\\${found}`;
  });
  return new RegExp(`^${source}$`);
}
