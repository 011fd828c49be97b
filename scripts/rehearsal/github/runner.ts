import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import { git, gitText } from "../../../actions/lib/git/git.ts";
import { run } from "../../../actions/lib/core/process.ts";
import { formatDuration } from "../../../actions/lib/core/summary.ts";
import { dispatchPayload } from "./dispatch.ts";
import type { Push, Pusher, RefUpdate } from "./git-server.ts";
import { pushPayload } from "./push-payload.ts";
import { type Conclusion, createRunLog, type JobRecord, jobLine } from "./run-log.ts";
import { deriveWorkflow, readWorkflow, startsOnPush, type TokenEndpoint, type Workflow } from "./workflows.ts";

/** What a runner needs. */
export interface RunnerOptions {
  /** The path of `act`. */
  act: string;
  /** One folder per run is made in it, for its checkout and what the runner writes. */
  folder: string;
  /** One folder per run is made in it, for its jobs' logs and summaries. */
  logs: string;
  /** The bare repository. */
  directory: string;
  /** `owner/name`. */
  repository: string;
  branch: string;
  /** GITHUB_TOKEN. */
  token: string;
  identity: TokenEndpoint;
  /** The environment of every job, in addition to what the runner itself sets. */
  environment: NodeJS.ProcessEnv;
  /** The repository's configuration variables, which workflows read as `vars`. */
  variables?: Readonly<Record<string, string>>;
  /** GITHUB_API_URL and GITHUB_SERVER_URL; GitHub's own when left out. */
  endpoints?: { api: string; server: string };
  /** Told of a run when it begins; `jobs` gives those that it has at the time. */
  onRun?: (run: number, jobs: () => readonly JobRecord[]) => void;
  /** The last jobs to run, with everything that they need; all when left out. */
  jobs?: readonly string[];
  /** Ends what runs when it aborts. */
  signal?: AbortSignal;
}

/** A finished run. */
export interface RunRecord {
  number: number;
  workflow: string;
  /** The commit that it ran on. */
  commit: string;
  conclusion: Conclusion;
  milliseconds: number;
  jobs: JobRecord[];
  /** The folder of its logs and summaries. */
  logs: string;
}

/** Runs workflows of the repository as GitHub would. */
export interface Runner {
  /** Starts what a push starts, says how it goes, and waits for its end. The bot's own push starts nothing. */
  onPush(push: Push): Promise<void>;
  /**
   * Starts a workflow by hand, as GitHub's button "Run workflow" does, on the branch's newest commit, says how it goes,
   * and waits for its end.
   *
   * @param file the workflow's file name
   * @param inputs those that differ from their defaults
   * @throws SlipwayError where GitHub would refuse: no such workflow, or other inputs than it has
   */
  dispatch(file: string, inputs: Record<string, string>, say: (line: string) => void): Promise<RunRecord>;
  /** Every run so far, in the order of their numbers. */
  readonly runs: readonly RunRecord[];
  /** What began but has not ended yet. */
  readonly active: number;
}

const zero = /^0+$/;

/** Why a run starts. */
interface Trigger {
  event: "push" | "workflow_dispatch";
  /** What GitHub tells about the event. */
  payload: object;
  /** The commit that it runs on, and its ref. */
  commit: string;
  ref: string;
  actor: Pusher;
  say: (line: string) => void;
}

/** A runner on this machine: act in host mode, each run in a fresh clone of the pushed commit. */
export function createRunner(options: RunnerOptions): Runner {
  const runs: RunRecord[] = [];
  let number = 0;
  let active = 0;
  let queue: Promise<unknown> = Promise.resolve();

  const start = async (workflow: Workflow, trigger: Trigger): Promise<RunRecord> => {
    number += 1;
    const own = number;
    const go = async () => {
      const record = await perform(options, own, workflow, trigger);
      runs.push(record);
      return record;
    };
    active += 1;
    // GitHub keeps runs of one concurrency group apart; here all runs that are in any group wait for each other.
    const turn = workflow.exclusive ? queue.then(go) : go();
    if (workflow.exclusive) queue = turn.catch(() => {});
    return turn.finally(() => {
      active -= 1;
    });
  };

  return {
    runs,
    get active() {
      return active;
    },
    async onPush(push) {
      // A push with GITHUB_TOKEN starts no run
      // (https://docs.github.com/en/actions/security-for-github-actions/security-guides/automatic-token-authentication).
      if (push.pusher === "bot") return;
      for (const update of push.updates) {
        if (zero.test(update.after)) continue;
        const started = await workflowsFor(options, update);
        if (started.length === 0)
          push.say(`No workflow runs for this push to ${update.ref.replace("refs/heads/", "")}.`);
        const payload = await pushPayload(options.directory, options.repository, options.branch, update, push.pusher);
        const trigger: Trigger = {
          event: "push",
          payload,
          commit: update.after,
          ref: update.ref,
          actor: push.pusher,
          say: push.say,
        };
        await Promise.all(started.map((workflow) => start(workflow, trigger)));
      }
    },
    async dispatch(file, inputs, say) {
      const { directory, branch, repository } = options;
      const commit = await gitText(directory, ["rev-parse", branch]);
      const path = `.github/workflows/${file}`;
      const text = await gitText(directory, ["show", `${commit}:${path}`]).catch(() => undefined);
      if (text === undefined) throw new SlipwayError(`${branch} has no ${path}.`);
      const ref = `refs/heads/${branch}`;
      const payload = dispatchPayload(file, text, inputs, { repository, ref });
      const trigger: Trigger = { event: "workflow_dispatch", payload, commit, ref, actor: "person", say };
      return start(readWorkflow(file, text), trigger);
    },
  };
}

/** The workflows of the pushed commit that the push starts. */
async function workflowsFor(options: RunnerOptions, update: RefUpdate): Promise<Workflow[]> {
  const { directory } = options;
  const message = await gitText(directory, ["log", "-1", "--format=%B", update.after]);
  if (/\[(skip ci|ci skip|no ci|skip actions|actions skip)\]/.test(message)) return [];
  const base = zero.test(update.before) ? await emptyTree(directory) : update.before;
  const names = await gitText(directory, ["diff", "--name-only", "--no-renames", "-z", base, update.after]);
  const changed = names.split("\0").filter(Boolean);
  const list = await gitText(directory, ["ls-tree", "--name-only", "-z", update.after, ".github/workflows/"]);
  const workflows: Workflow[] = [];
  for (const path of list.split("\0").filter((name) => /\.ya?ml$/.test(name))) {
    const workflow = readWorkflow(basename(path), await gitText(directory, ["show", `${update.after}:${path}`]));
    if (workflow.push && startsOnPush(workflow.push, update.ref, changed)) workflows.push(workflow);
  }
  return workflows;
}

async function emptyTree(directory: string): Promise<string> {
  return gitText(directory, ["hash-object", "-t", "tree", "--stdin"], { input: "" });
}

async function perform(
  options: RunnerOptions,
  number: number,
  workflow: Workflow,
  trigger: Trigger,
): Promise<RunRecord> {
  const { commit, say } = trigger;
  const began = Date.now();
  const folder = join(options.folder, String(number));
  const checkout = join(folder, "checkout");
  const logs = join(options.logs, String(number));
  await mkdir(checkout, { recursive: true });
  const title = await gitText(options.directory, ["log", "-1", "--format=%h %s", commit]);
  say("");
  say(`${workflow.name}, run ${number}: ${title}`);

  await fetchCommit(options, checkout, trigger, workflow.wantsHistory);
  const source = await readFile(join(checkout, ".github", "workflows", workflow.file), "utf8");
  const derived = join(folder, "workflows", workflow.file);
  await mkdir(join(folder, "workflows"));
  const { requestUrl, requestToken } = options.identity;
  const address = new URL(requestUrl);
  const said = {
    run: String(number),
    sha: commit,
    event: trigger.event,
    ref: trigger.ref,
    actor: trigger.actor,
    workflow: workflow.file.replace(/\.ya?ml$/, ""),
  };
  for (const [name, value] of Object.entries(said)) address.searchParams.set(name, value);
  const identity = { requestUrl: address.href, requestToken };
  const text = deriveWorkflow(workflow.file, source, identity, options.jobs);
  await writeFile(derived, text, { mode: 0o600 });
  const event = join(folder, "event.json");
  await writeFile(event, JSON.stringify(trigger.payload));
  const secrets = join(folder, "secrets");
  await writeFile(secrets, `GITHUB_TOKEN=${options.token}\n`, { mode: 0o600 });

  // After an interrupt nobody wants the last lines of everything that was ended.
  const log = createRunLog(logs, (line) => {
    if (!options.signal?.aborted) say(line);
  });
  options.onRun?.(number, () => log.jobs());
  const platforms = ["ubuntu-latest", "ubuntu-24.04", "ubuntu-24.04-arm"].flatMap((each) => [
    "-P",
    `${each}=-self-hosted`,
  ]);
  const settings = {
    GITHUB_RUN_ID: String(number),
    GITHUB_RUN_NUMBER: String(number),
    ...(options.endpoints && { GITHUB_API_URL: options.endpoints.api, GITHUB_SERVER_URL: options.endpoints.server }),
  };
  const result = await run(
    options.act,
    [
      trigger.event,
      `--workflows=${derived}`,
      `--eventpath=${event}`,
      `--secret-file=${secrets}`,
      `--action-cache-path=${join(folder, "act")}`,
      `--actor=${trigger.actor}`,
      ...Object.entries(settings).map(([name, value]) => `--env=${name}=${value}`),
      ...Object.entries(options.variables ?? {}).map(([name, value]) => `--var=${name}=${value}`),
      "--env-file=/dev/null",
      "--no-cache-server",
      "--container-daemon-socket=-",
      "--action-offline-mode",
      "--json",
      ...platforms,
    ],
    {
      cwd: checkout,
      env: options.environment,
      okCodes: [0, 1],
      ownGroup: true,
      killAfter: 20_000,
      discardOutput: true,
      onLine: (line) => log.take(line),
      ...(options.signal ? { signal: options.signal } : {}),
    },
  );
  const jobs = withSkipped(log.jobs(), readWorkflow(workflow.file, text), logs);
  for (const job of jobs) if (job.conclusion === "skipped") say(jobLine(job));
  const milliseconds = Date.now() - began;
  const conclusion: Conclusion = result.code === 0 ? "success" : options.signal?.aborted ? "cancelled" : "failure";
  const words = { success: "succeeded", failure: "failed", cancelled: "was cancelled", skipped: "was skipped" };
  say(`${workflow.name}, run ${number} ${words[conclusion]} in ${formatDuration(milliseconds)}; logs: ${logs}`);
  return { number, workflow: workflow.file, commit, conclusion, milliseconds, jobs, logs };
}

/** The pushed commit as `actions/checkout` brings it: alone, unless the workflow wants the history. */
async function fetchCommit(
  options: RunnerOptions,
  checkout: string,
  { commit, ref }: Pick<Trigger, "commit" | "ref">,
  history: boolean,
): Promise<void> {
  const branch = ref.replace(/^refs\/heads\//, "");
  const depth = history ? [] : ["--depth=1"];
  const quiet = ["-c", "advice.detachedHead=false"];
  await git(checkout, ["init", "--quiet", `--initial-branch=${branch}`]);
  // act reads the repository's name from the remote's address.
  await git(checkout, ["remote", "add", "origin", `https://github.com/${options.repository}.git`]);
  await git(checkout, [...quiet, "fetch", "--quiet", ...depth, `file://${options.directory}`, commit]);
  await git(checkout, [...quiet, "checkout", "--quiet", "-B", branch, commit]);
}

/** act says nothing about a job whose `if` was false. */
function withSkipped(jobs: JobRecord[], workflow: Workflow, logs: string): JobRecord[] {
  const seen = new Set(jobs.map((job) => job.id));
  const skipped = [...workflow.jobs].filter(([id]) => !seen.has(id));
  return [
    ...jobs,
    ...skipped.map(([id, name]) => ({
      id,
      name: name.replace(/\s*\$\{\{.*\}\}/, ""),
      conclusion: "skipped" as const,
      ended: true,
      began: Date.now(),
      milliseconds: 0,
      log: join(logs, "runner.log"),
      summary: undefined,
    })),
  ];
}
