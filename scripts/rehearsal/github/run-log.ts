import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cutText, padText } from "../../terminal/text-table.ts";
import { formatDuration } from "../../../actions/lib/core/summary.ts";

/** How a job or a run ended. */
export type Conclusion = "success" | "failure" | "cancelled" | "skipped";

/** One job of a run. */
export interface JobRecord {
  /** The job's id in the workflow; the legs of a matrix share it. */
  id: string;
  /** As the runner shows it, for example `Build notes-api`. */
  name: string;
  /** `cancelled` until it has ended. */
  conclusion: Conclusion;
  ended: boolean;
  /** When it began, in milliseconds since 1970. */
  began: number;
  milliseconds: number;
  /** The file with everything that the job printed. */
  log: string;
  /** The job summary, Markdown; undefined when the job wrote none. */
  summary: string | undefined;
}

/** A line of act's `--json` log; the fields that are read here. */
interface ActLine {
  job?: string;
  jobID?: string;
  matrix?: Record<string, unknown>;
  msg?: string;
  step?: string;
  stage?: string;
  stepResult?: string;
  jobResult?: string;
  raw_output?: boolean;
  command?: string;
  arg?: string;
  content?: string;
  level?: string;
}

interface OpenJob extends JobRecord {
  tail: string[];
  inMatrix: boolean;
  failed: boolean;
}

/** Milliseconds after which a job says what it does now: whoever waits sees that it goes on, and what for. */
const quiet = 10_000;

/** How many of a failed job's last lines are said. */
const tailLength = 20;

const signs: Record<Conclusion, string> = { success: "✓", failure: "✗", cancelled: "■", skipped: "·" };

/** Reads what act prints while a run goes on: one log file and one summary per job, one line said per finished job. */
export interface RunLog {
  /** Takes one line of act's output. */
  take(line: string): void;
  /** The jobs so far, in the order in which they began. */
  jobs(): JobRecord[];
}

/**
 * @param folder gets `<job>.log` and `<job>.summary.md`
 * @param say prints a line for a person
 * @param now the time in milliseconds: act's own times are whole seconds
 */
export function createRunLog(folder: string, say: (line: string) => void, now: () => number = Date.now): RunLog {
  mkdirSync(folder, { recursive: true });
  const jobs = new Map<string, OpenJob>();
  const annotations = new Set<string>();
  const open = (line: ActLine): OpenJob => {
    const key = line.job ?? "runner";
    const found = jobs.get(key);
    if (found) return found;
    const name = jobName(line);
    const file = name.replace(/[^\w.-]+/g, "-").toLowerCase();
    const job: OpenJob = {
      id: line.jobID ?? "",
      name,
      conclusion: "cancelled",
      ended: false,
      milliseconds: 0,
      log: join(folder, `${file}.log`),
      summary: undefined,
      began: now(),
      tail: [],
      inMatrix: Object.keys(line.matrix ?? {}).length > 0,
      failed: false,
    };
    jobs.set(key, job);
    return job;
  };
  const record = (job: OpenJob, text: string) => {
    appendFileSync(job.log, `${text}\n`);
    job.tail.push(text);
    if (job.tail.length > tailLength) job.tail.shift();
  };
  const finish = (job: OpenJob, result: string) => {
    // act gives every leg of a matrix the result of the first that failed.
    const ended = result === "failure" && job.inMatrix && !job.failed ? "success" : result;
    job.ended = true;
    job.conclusion = ended === "success" || ended === "failure" ? ended : "cancelled";
    say(jobLine(job));
    if (job.conclusion === "success") return;
    for (const text of job.tail) say(`      | ${text}`);
    say(`      its whole log: ${job.log}`);
  };
  return {
    take(text) {
      const line = parseLine(text);
      if (!line.job) {
        // act's own words, before the first job: only what went wrong is for a person.
        const known = /^Error: Job '.*' failed$/.test(line.msg ?? "");
        if (!known && (line.level === "error" || line.level === "fatal")) say(`  ! ${line.msg?.trim() ?? text}`);
        appendFileSync(join(folder, "runner.log"), `${line.msg ?? text}\n`);
        return;
      }
      const job = open(line);
      job.milliseconds = now() - job.began;
      const message = (line.msg ?? "").replace(/\r?\n$/, "");
      if (line.command === "summary") {
        job.summary = (job.summary ?? "") + (line.content ?? "");
        appendFileSync(job.log.replace(/\.log$/, ".summary.md"), line.content ?? "");
      } else if (line.command === "group") {
        record(job, `${line.arg}:`);
        if (job.milliseconds >= quiet && line.arg !== job.name)
          say(`      ${job.name}, ${formatDuration(job.milliseconds)}: ${line.arg}`);
      } else if (isAnnotation(line)) {
        record(job, `${line.command}: ${line.arg}`);
        const text = shortened(line.arg ?? "");
        // Jobs of a matrix have much in common; what one has said is not said again.
        if (!annotations.has(text.slice(0, 40))) say(`      ${line.command === "notice" ? "i" : "!"} ${text}`);
        annotations.add(text.slice(0, 40));
      } else if (line.raw_output || line.level === "error") record(job, message);
      else if (line.command === undefined && message) appendFileSync(job.log, `${message.trim()}\n`);
      if (line.stepResult === "failure") job.failed = true;
      if (line.jobResult) finish(job, line.jobResult);
    },
    jobs: () => [...jobs.values()].map(({ tail: _2, inMatrix: _3, failed: _4, ...job }) => job),
  };
}

/** One line about a job, its name in a column. */
export function jobLine(job: Pick<JobRecord, "name" | "conclusion" | "milliseconds">): string {
  const took = job.conclusion === "skipped" ? "skipped" : formatDuration(job.milliseconds);
  return `  ${signs[job.conclusion]} ${padText(cutText(job.name, 40), 40)} ${took.padStart(12)}`;
}

function parseLine(text: string): ActLine {
  try {
    return JSON.parse(text) as ActLine;
  } catch {
    return { msg: text, level: "error" };
  }
}

/** The first line of a text, short enough for a terminal; the log has the whole. */
function shortened(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}

function isAnnotation(line: ActLine): boolean {
  return line.command === "error" || line.command === "warning" || line.command === "notice";
}

/** act shows `<workflow>/<job name>` and adds a number to each leg of a matrix. */
function jobName(line: ActLine): string {
  const name = (line.job ?? "").trim().split("/").slice(1).join("/");
  const inMatrix = Object.keys(line.matrix ?? {}).length > 0;
  return inMatrix ? name.replace(/-\d+$/, "") : name;
}
