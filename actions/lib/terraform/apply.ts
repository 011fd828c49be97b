import { chmod, rm } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsCredentialProvider } from "../aws.ts";
import type { Config } from "../config.ts";
import { messageOf, SlipwayError } from "../errors.ts";
import { exists } from "../files.ts";
import { gitText } from "../git.ts";
import { cancellation } from "./cancellation.ts";
import { type ChangeCounts, countFinished, type EventLog } from "./events.ts";
import { type AppliedRecord, appliedKey, desired, readApplied, writeApplied } from "./fingerprint.ts";
import { applySummary, describeRoot, planSummary, type Report } from "./report.ts";
import { stateLocation, type TerraformRoot } from "./root.ts";
import { openSession, type Session, terraformFailed } from "./session.ts";
import { breakLock, describeLock, runAddress, withStateLock } from "./state-lock.ts";
import { openStateStore } from "./state-store.ts";

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
  report: Report;
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
 * `state-push-failed` or `not-bootstrapped`
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
    await report.summary(`### Terraform: ${title} unchanged\n\n${unread}`);
    return { kind: "unread", record: known };
  }
  const program = await request.terraform();

  return withStateLock(store, location, "apply", async (lock) => {
    using stop = cancellation({
      minutes: request.minutes,
      ...(request.signals ? { signals: request.signals } : {}),
      log: report.line,
      stopping: "Terraform is asked to stop: it finishes or gives up what is under way and writes its state.",
      remains: () =>
        `Terraform has not ended yet. If this process is killed now, the lock stays: give the next run "force-unlock: ${lock.info.ID}".`,
    });
    const folder = join(repository, "terraform", root);
    const began = Date.now();
    let result = "failed";
    let events: EventLog | undefined;
    try {
      await using session = await openSession({
        ...{ program, folder, location, credentials },
        ...{ variables: wanted.variables, signal: stop.signal, log: report.line },
      });
      await report.phase("terraform init", () => session.init());
      const plan = await report.phase("terraform plan", () => session.plan());
      stop.throwIfStopped();
      if (plan.changes) {
        // From here to the new record, nobody may believe the old one.
        await store.remove(appliedKey(location.key));
        const applied = await report.phase("terraform apply", () => session.apply());
        events = applied.events;
        const saved = await recoverState(session, report, lock.keep);
        // An apply that came to its end is recorded, also when somebody asked it to stop.
        if (applied.code !== 0) stop.throwIfStopped();
        // Where the upload of the state was all that failed, a clean plan shows it; nothing is applied twice.
        if (applied.code !== 0 && !(saved && !(await report.phase("terraform plan", () => session.plan())).changes))
          throw terraformFailed("apply", applied.events);
      }
      const outputs = publicOutputs(await session.outputs());
      const commit = await gitText(repository, ["rev-parse", "HEAD"]);
      const state = (await store.tag(location.key)) ?? "";
      const by = runAddress() ?? `${userInfo().username}@${hostname()}`;
      const appliedAt = new Date().toISOString();
      const record: AppliedRecord = { fingerprint: wanted.fingerprint, state, commit, appliedAt, by, outputs };
      await writeApplied(store, location.key, record);
      result = plan.changes ? "applied" : "had no changes";
      return events ? { kind: "applied", counts: countFinished(events.finished), record } : { kind: "clean", record };
    } catch (error) {
      // A stop makes whatever was running fail in its own way; that it was stopped is the reason.
      if (!(error instanceof SlipwayError) || error.reason !== "state-push-failed") stop.throwIfStopped();
      throw error;
    } finally {
      const finished = events?.finished ?? [];
      if (stop.signal.aborted && result === "failed") result = "was stopped";
      await report.summary(applySummary(title, result, countFinished(finished), Date.now() - began, finished));
    }
  });
}

/** Our record names a commit, so what is applied from the working tree must be that commit's. */
async function refuseUncommitted(repository: string, root: TerraformRoot): Promise<void> {
  // What Terraform itself writes into a root's folder.
  const written = [".terraform.lock.hcl", ".terraform/**", "errored.tfstate"].map(
    (name) => `:(exclude,glob)**/${name}`,
  );
  // Of the bootstrap, most is elsewhere in gitops/.
  const installed = root === "environment" ? ["gitops"] : [];
  const paths = [`terraform/${root}`, "terraform/modules", ...installed, ...written];
  const changed = await gitText(repository, ["status", "--porcelain", "--", ...paths]);
  if (changed)
    throw new SlipwayError(`The checkout has changes that are not committed:\n${changed}\n`, {
      next: "Commit or remove them: only a commit is applied.",
    });
}

/**
 * Uploads the state that Terraform could not, with new credentials; the file is removed afterwards, and nowhere kept.
 *
 * @returns whether there was one
 * @throws SlipwayError with reason `state-push-failed` after several attempts; the lock is kept then
 */
async function recoverState(session: Session, report: Report, keepLock: () => void): Promise<boolean> {
  const left = await exists(session.erroredState);
  if (!left) return false;
  await chmod(session.erroredState, 0o600);
  report.line("Terraform could not upload its state: it is uploaded with new credentials.");
  for (const pause of [0, 500, 1500, 3000]) {
    await sleep(pause);
    try {
      await report.phase("terraform state push", () => session.pushState(session.erroredState));
      await rm(session.erroredState);
      report.line("The state is uploaded.");
      return true;
    } catch (error) {
      report.line(`The state was not uploaded: ${messageOf(error).split("\n")[0]}`);
    }
  }
  keepLock();
  throw new SlipwayError(`The state could not be uploaded; it is in ${session.erroredState} on ${hostname()}.`, {
    next: "While that machine exists, run there: terraform state push errored.tfstate. The lock was kept, because the state in the bucket is not true; break it afterwards.",
    reason: "state-push-failed",
  });
}

function publicOutputs(outputs: Awaited<ReturnType<Session["outputs"]>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).flatMap(([name, { sensitive, value }]) => (sensitive ? [] : [[name, value]])),
  );
}

/**
 * Says what an apply would do, and writes nothing: neither state nor lock nor record.
 *
 * @returns Markdown with the whole plan, and whether there are changes
 */
export async function planRoot(request: InfraRequest): Promise<{ changes: boolean; markdown: string }> {
  const { repository, config, root, environment, credentials, report } = request;
  const location = stateLocation(config, root, environment);
  const title = describeRoot(root, environment);
  const [wanted, known] = await Promise.all([
    desired({ ...request, revision: "HEAD" }),
    readApplied(openStateStore({ ...location, credentials }), location.key),
  ]);
  if (known?.fingerprint === wanted.fingerprint) return { changes: false, markdown: planSummary(title, undefined, "") };
  const program = await request.terraform();
  await using session = await openSession({
    ...{ program, folder: join(repository, "terraform", root), location },
    ...{ credentials, variables: wanted.variables, log: report.line },
  });
  await report.phase("terraform init", () => session.init());
  const { changes, events } = await report.phase("terraform plan", () => session.plan());
  return { changes, markdown: planSummary(title, events.planned, await session.planText()) };
}
