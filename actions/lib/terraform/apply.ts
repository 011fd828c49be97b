import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { AwsCredentialProvider } from "../aws/credentials.ts";
import type { Config } from "../config/config.ts";
import { safe, type Markdown, text } from "../core/markdown.ts";
import { SlipwayError } from "../core/errors.ts";
import { gitText } from "../git/git.ts";
import { adoptLogGroup } from "./adopt.ts";
import { type ChangeRequest, changeRoot } from "./change.ts";
import type { ChangeCounts } from "./run/events.ts";
import { type AppliedRecord, appliedKey, desired, readApplied, writeApplied } from "./fingerprint.ts";
import { copyRoot } from "./inputs/copy.ts";
import { rootFolders } from "./inputs/files.ts";
import { describeRoot, planSummary, type Reporter } from "./report.ts";
import { stateLocation, type TerraformRoot } from "./root.ts";
import { openSession, type TerraformSession } from "./session.ts";
import { breakLock, describeLock, runAddress } from "./state/lock.ts";
import { openStateStore } from "./state/store.ts";

/** What is to be planned or applied, and with what. */
export interface InfraRequest {
  /** The checkout's path; its HEAD is what is applied. */
  repository: string;
  config: Config;
  root: TerraformRoot;
  environment: string;
  /** The names of the images that the checkout can build. */
  images: readonly string[];
  credentials: AwsCredentialProvider;
  /** Gives a Terraform that serves; not called when there is nothing to do. */
  terraform: () => Promise<string>;
  report: Reporter;
}

/** What only an apply is told. */
export interface ApplyRequest extends InfraRequest {
  /** Minutes after which Terraform is asked to stop. */
  minutes: number;
  /** Where signals come from; this process when left out. */
  signals?: NodeJS.EventEmitter;
  /** A lock to break, and how to ask GitHub whether a run has ended. */
  forceUnlock?: { id: string; runHasEnded: (run: number) => Promise<boolean> };
}

/** How an apply ended, and what is recorded of it. */
export type ApplyOutcome = { record: AppliedRecord } & (
  | { kind: "unread" /* nothing that Terraform reads has changed: it was not started */ }
  | { kind: "clean" /* its plan had no changes */ }
  | { kind: "applied"; counts: ChangeCounts }
);

/**
 * Brings a root to what HEAD says, or finds that there is nothing to do.
 *
 * @throws SlipwayError with a reason: `state-locked`, `plan-failed`, `apply-failed`, `cancelled`, `deadline`,
 * `state-push-failed`, `not-bootstrapped`, `unseen-input` or `terraform-wrapped`
 */
export async function applyRoot(request: ApplyRequest): Promise<ApplyOutcome> {
  const { repository, config, root, environment, credentials, report } = request;
  const location = stateLocation(config, root, environment);
  const store = openStateStore({ ...location, credentials });
  const title = describeRoot(root, environment);
  await refuseUncommitted(repository, root);
  if (request.forceUnlock) {
    const broken = await breakLock(store, location, request.forceUnlock.id, request.forceUnlock.runHasEnded);
    report.line(broken ? `Broke the lock of ${describeLock(broken)}.` : "No lock is held: none was broken.");
  }
  const [wanted, known] = await Promise.all([
    desired({ ...request, revision: "HEAD" }),
    readApplied(store, location.key),
  ]);
  if (known?.fingerprint === wanted.fingerprint) {
    const unread = `Nothing that Terraform reads for ${title} has changed since ${known.appliedAt} (${known.by}).`;
    report.line(unread);
    await report.summary(safe`### Terraform: ${text(title)} unchanged\n\n${text(unread)}`);
    return { kind: "unread", record: known };
  }
  await using copy = await copyRoot(repository, "HEAD", root);
  await adoptLogGroup(copy.folder, store, request);
  const program = await request.terraform();

  const change: ChangeRequest = {
    program,
    folder: join(repository, "terraform", root),
    runIn: copy.folder,
    location,
    store,
    variables: wanted.variables,
    credentials,
    title,
    report,
    minutes: request.minutes,
    operation: "apply",
    ...(request.signals ? { signals: request.signals } : {}),
    // From here to the new record, nobody may believe the old one.
    before: () => store.remove(appliedKey(location.key)),
  };
  return await changeRoot(change, async (session, counts) => {
    const record: AppliedRecord = {
      fingerprint: wanted.fingerprint,
      state: (await store.tag(location.key)) ?? "",
      commit: await gitText(repository, ["rev-parse", "HEAD"]),
      appliedAt: new Date().toISOString(),
      by: runAddress() ?? `${userInfo().username}@${hostname()}`,
      outputs: publicOutputs(await session.outputs()),
    };
    await writeApplied(store, location.key, record);
    return counts ? { kind: "applied", counts, record } : { kind: "clean", record };
  });
}

/**
 * What is applied is the commit's, so a person who has changed it since must not take the change for applied. Ignored
 * files are no matter: Terraform runs where they are not.
 */
async function refuseUncommitted(repository: string, root: TerraformRoot): Promise<void> {
  // What Terraform itself writes into a root's folder.
  const written = [".terraform.lock.hcl", ".terraform/**", "errored.tfstate"].map(
    (name) => `:(exclude,glob)**/${name}`,
  );
  // Of the bootstrap, most is elsewhere in gitops/.
  const installed = root === "environment" ? ["gitops"] : [];
  const paths = [...rootFolders(root), ...installed, ...written];
  const changed = await gitText(repository, ["status", "--porcelain", "--untracked-files=all", "--", ...paths]);
  if (changed)
    throw new SlipwayError(`The checkout has changes that are not committed:\n${changed}\n`, {
      next: "Commit or remove them: only a commit is applied.",
    });
}

function publicOutputs(outputs: Awaited<ReturnType<TerraformSession["outputs"]>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, { sensitive, value }]) => (sensitive ? [] : [[name, value]])),
  );
}

/**
 * Says what an apply would do, and writes nothing: neither state nor lock nor record.
 *
 * @returns Markdown with the whole plan, and whether there are changes
 */
export async function planRoot(request: InfraRequest): Promise<{ changes: boolean; markdown: Markdown }> {
  const { repository, config, root, environment, credentials, report } = request;
  const location = stateLocation(config, root, environment);
  const title = describeRoot(root, environment);
  const store = openStateStore({ ...location, credentials });
  const [wanted, known] = await Promise.all([
    desired({ ...request, revision: "HEAD" }),
    readApplied(store, location.key),
  ]);
  if (known?.fingerprint === wanted.fingerprint) return { changes: false, markdown: planSummary(title, undefined, "") };
  await using copy = await copyRoot(repository, "HEAD", root);
  await adoptLogGroup(copy.folder, store, request);
  const program = await request.terraform();
  await using session = await openSession({
    program,
    folder: join(repository, "terraform", root),
    runIn: copy.folder,
    location,
    credentials,
    variables: wanted.variables,
    log: report.line,
  });
  await report.phase("terraform init", () => session.init());
  const { changes, events } = await report.phase("terraform plan", () => session.plan());
  return { changes, markdown: planSummary(title, events.planned, await session.planText()) };
}
