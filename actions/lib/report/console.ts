import { setTimeout as sleep } from "node:timers/promises";
import { getIDToken } from "@actions/core";
import type { RunReport, ReportReceived, RunKind, RunStage, StageReport } from "../../../apps/contract/index.ts";
import { debug } from "../core/runner-log.ts";
import { messageOf, SlipwayError } from "../core/errors.ts";
import { cutReport, cutStage } from "./cut.ts";

/** The delivery console, as a run of GitHub Actions reaches it. */
export interface Console {
  /**
   * Tells of a whole run. The same report again changes nothing.
   *
   * It is cut to what the console takes.
   *
   * @throws SlipwayError with reason `console-away` (try again later), `console-forbids` (this run may not tell it now) or
   *   `console-refused` (it will not be taken)
   */
  report(report: RunReport): Promise<ReportReceived>;
  /** Tells that a stage of this run begins or ends. @throws SlipwayError as `report` does */
  stage(stage: StageReport): Promise<ReportReceived>;
}

/** Whom the token is for: it is worth nothing to anybody else, and the console takes it of its own repository alone. */
export const consoleAudience = "slipway-console";
/** Milliseconds for an answer: nobody waits for the console. A whole report may be of some megabytes. */
const patience = { stage: 5_000, report: 20_000 };
/** The time between two attempts to reach a console that is away, in milliseconds. */
const askAgain = 3_000;

/**
 * The console at CONSOLE_URL; undefined where that is not set.
 *
 * It is shown the job's own OIDC token, so that there is no secret to keep: what it says of repository and run is
 * GitHub's word. https://docs.github.com/en/actions/concepts/security/openid-connect
 *
 * Whoever can read that token on its way may report in the run's name until it expires, minutes later. So an address
 * without TLS is refused, unless the variable CONSOLE_INSECURE is "true".
 *
 * @throws SlipwayError when CONSOLE_URL is not an address, or one of http that nobody has allowed
 */
export function consoleFromEnvironment(environment: NodeJS.ProcessEnv = process.env): Console | undefined {
  const text = environment.CONSOLE_URL ?? "";
  if (text === "") return undefined;
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol))
    throw new SlipwayError(`CONSOLE_URL is ${JSON.stringify(text)}, which is not an address of http or https.`, {
      next: "Set the repository's variable CONSOLE_URL to where the console is, for example https://console.example.org.",
    });
  if (url.protocol === "http:" && environment.CONSOLE_INSECURE !== "true")
    throw new SlipwayError(
      `CONSOLE_URL is ${JSON.stringify(text)}: by http, everybody on the way can read the token that this run shows.`,
      {
        next: 'Give the environment a domain in slipway.yaml and use https. Where that cannot be, set the repository\'s variable CONSOLE_INSECURE to "true".',
      },
    );
  return consoleAt(url, () => getIDToken(consoleAudience));
}

/** The console at `url`, told by whom `token` speaks for: the OIDC token of a workflow's job, for `consoleAudience`. */
export function consoleAt(url: URL, token: () => Promise<string>): Console {
  return {
    report: (report) => post(new URL("/api/reports", url), token, cutReport(report), patience.report),
    stage: (stage) => post(new URL("/api/reports/stages", url), token, cutStage(stage), patience.stage),
  };
}

async function post(url: URL, token: () => Promise<string>, body: object, wait: number): Promise<ReportReceived> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${await token()}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout(wait),
    });
  } catch (cause) {
    throw new SlipwayError(`The console at ${url.origin} does not answer (${messageOf(cause)}).`, {
      next: "The next run sends it again.",
      reason: "console-away",
      cause,
    });
  }
  if (answer.ok) return (await answer.json()) as ReportReceived;
  const problem = (await answer.text().catch(() => "")).slice(0, 300);
  // What it does not understand now it will not understand later; everything else may come right.
  const final = answer.status === 400 || answer.status === 413 || answer.status === 422;
  throw new SlipwayError(`The console at ${url.origin} answered ${answer.status}: ${problem || "no reason given"}`, {
    next: final ? "The report is in the run's summary." : "The next run sends it again.",
    reason: final ? "console-refused" : answer.status === 403 ? "console-forbids" : "console-away",
  });
}

/** A stage of this run, for those who watch. */
export interface WatchedStage extends Pick<RunStage, "stage"> {
  kind?: RunKind;
  environment: string;
  /** The images of a build. */
  detail?: string;
}

/** The console; undefined also where its address is invalid, of which the report at the run's end speaks. */
function watcher(): Console | undefined {
  try {
    return consoleFromEnvironment();
  } catch (error) {
    debug(messageOf(error));
    return undefined;
  }
}

/** Does a stage's work and tells the console when it begins and how it ends. A console that is away is not a failure. */
export async function inStage<T>(watched: WatchedStage, work: () => Promise<T>): Promise<T> {
  const console = watcher();
  if (!console) return work();
  const startedAt = new Date().toISOString();
  const tell = (more: Pick<RunStage, "outcome" | "finishedAt" | "failure">): Promise<boolean> => {
    const { kind = "delivery", environment, stage, detail = "" } = watched;
    return console.stage({ version: 1, kind, environment, stage: { stage, detail, startedAt, ...more } }).then(
      () => true,
      (error: unknown) => {
        debug(messageOf(error));
        return false;
      },
    );
  };
  const over = new AbortController();
  const begin = async (): Promise<boolean> => {
    for (;;) {
      if (await tell({ outcome: "running", finishedAt: null, failure: null })) return true;
      // It may come up while we work: the first delivery of all is the one that brings it.
      await sleep(askAgain, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) return false;
    }
  };
  const begun = begin();
  const end = async (outcome: "succeeded" | "failed", failure: string | null) => {
    over.abort();
    // Who did not hear of its beginning is not kept waiting for its end.
    if (await begun) await tell({ outcome, finishedAt: new Date().toISOString(), failure });
  };
  try {
    const result = await work();
    await end("succeeded", null);
    return result;
  } catch (error) {
    await end("failed", messageOf(error).split("\n")[0] ?? "");
    throw error;
  }
}
