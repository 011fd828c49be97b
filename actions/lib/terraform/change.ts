import { chmod, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsCredentialProvider } from "../aws/credentials.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import { exists } from "../core/files.ts";
import { cancellation } from "./run/cancellation.ts";
import { type ChangeCounts, countFinished, type FinishedChange } from "./run/events.ts";
import { notFoundYet } from "./run/eventual.ts";
import { applySummary, type Reporter } from "./report.ts";
import type { StateLocation } from "./root.ts";
import { openSession, type TerraformSession } from "./session.ts";
import { holdsState } from "./state/file.ts";
import { withStateLock } from "./state/lock.ts";
import type { StateStore } from "./state/store.ts";
import type { TerraformVariables } from "./variables.ts";

/** What a root is changed with. */
export interface ChangeRequest {
  /** Terraform's path or name. */
  program: string;
  /** The root's folder in the checkout. */
  folder: string;
  /** Where Terraform runs: a copy of `folder`; in it when left out. */
  runIn?: string;
  location: StateLocation;
  store: StateStore;
  variables: TerraformVariables;
  credentials: AwsCredentialProvider;
  /** The root in the words of the job summary. */
  title: string;
  report: Reporter;
  /** Minutes after which Terraform is asked to stop. */
  minutes: number;
  /** Where signals come from; this process when left out. */
  signals?: NodeJS.EventEmitter;
  /** `apply`: to what the files say. `destroy`: away. */
  operation: "apply" | "destroy";
  /** What is destroyed, with all that needs it; everything when left out. */
  targets?: readonly string[];
  /** Called before the first change, under the lock. */
  before(): Promise<void>;
}

/** What a change did; `undefined` where its plan had nothing to do. */
export type Changed = ChangeCounts | undefined;

/**
 * Plans a root and carries the plan out, under the state's lock.
 *
 * @param after called with the open session when all of it is done, still under the lock
 * @returns what `after` does
 * @throws SlipwayError with a reason: `state-locked`, `plan-failed`, `apply-failed`, `cancelled`, `deadline` or
 * `state-push-failed`
 */
export async function changeRoot<T>(
  request: ChangeRequest,
  after: (session: TerraformSession, changed: Changed) => Promise<T>,
): Promise<T> {
  const { store, location, operation, report, title } = request;
  return withStateLock(store, location, operation, async (lock) => {
    using stop = cancellation({
      minutes: request.minutes,
      ...(request.signals ? { signals: request.signals } : {}),
      log: report.line,
      stopping: "Terraform is asked to stop: it finishes or gives up what is under way and writes its state.",
      remains: () =>
        `Terraform has not ended yet. If this process is killed now, the lock stays: give the next run "force-unlock: ${lock.info.ID}".`,
    });
    const began = Date.now();
    let result = "failed";
    const finished: FinishedChange[] = [];
    try {
      await using session = await openSession({ ...request, signal: stop.signal, log: report.line });
      const makePlan = () => report.phase("terraform plan", () => session.plan(request));
      await report.phase("terraform init", () => session.init());
      const plan = await makePlan();
      stop.throwIfStopped();
      if (plan.changes) await request.before();
      for (let open = plan.changes, again = false; open; again = true) {
        const { failure, events } = await report.phase(`terraform ${operation}`, () => session.apply());
        finished.push(...events.finished);
        const saved = await recoverState(session, request, lock.keep);
        if (!failure) break;
        // A change that came to its end counts, also when somebody asked it to stop.
        stop.throwIfStopped();
        const early = !again && notFoundYet(events);
        if (early)
          report.line("AWS did not find yet what it had just made: the rest is planned and applied once more.");
        // Where the upload of the state was all that failed, a clean plan shows it; nothing is done twice.
        open = !(saved || early) || (await makePlan()).changes;
        if (open && !early) throw failure;
      }
      const done = await after(session, plan.changes ? countFinished(finished) : undefined);
      result = !plan.changes ? "had no changes" : operation === "apply" ? "applied" : "destroyed";
      return done;
    } catch (error) {
      // A stop makes whatever was running fail in its own way; that it was stopped is the reason.
      if (!(error instanceof SlipwayError) || error.reason !== "state-push-failed") stop.throwIfStopped();
      throw error;
    } finally {
      if (stop.signal.aborted && result === "failed") result = "was stopped";
      await report.summary(applySummary(title, result, countFinished(finished), Date.now() - began, finished));
    }
  });
}

/**
 * Uploads the state that Terraform could not, with new credentials; the file is removed afterwards, and nowhere kept.
 *
 * @returns whether there was one
 * @throws SlipwayError with reason `state-push-failed` after several attempts; the lock is kept then
 */
async function recoverState(
  session: TerraformSession,
  { store, location, report }: ChangeRequest,
  keepLock: () => void,
): Promise<boolean> {
  const left = await exists(session.erroredState);
  if (!left) return false;
  await chmod(session.erroredState, 0o600);
  report.line("Terraform could not upload its state: it is uploaded with new credentials.");
  for (const pause of [0, 500, 1500, 3000]) {
    await sleep(pause);
    try {
      await report.phase("terraform state push", () => session.pushState(session.erroredState));
      // This file is the only copy: what the bucket holds counts, not an exit code.
      const [wanted, stored] = [await readFile(session.erroredState, "utf8"), await store.read(location.key)];
      if (!holdsState(stored?.text, wanted)) throw new SlipwayError("the bucket does not hold it after the push.");
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
