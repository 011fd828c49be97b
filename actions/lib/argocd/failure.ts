import { SlipwayError } from "../core/errors.ts";
import type { FailureReason } from "../core/reasons.ts";
import { code, codeBlock, joined, safe, type Markdown, paragraphs, text } from "../core/markdown.ts";
import type { Kubernetes } from "../kubernetes/kubernetes.ts";
import { type Evidence, gatherEvidence } from "./evidence.ts";
import { stageOf } from "./judgement.ts";
import type { ObserverResult } from "./observer.ts";
import { describe, type PodProblem } from "./problems.ts";

/** Why an environment is not proven, as a person reads it and as a workflow branches on it. */
export interface ProofFailure {
  /** For the output `failure-reason`. */
  reason: FailureReason;
  /** What happened, one sentence or two for each app that is to blame or was waited for. */
  lines: string[];
  /** The pod that the evidence is about. */
  pod: string | undefined;
  evidence: Evidence;
}

/** How many causes of an app are told, the origin first. */
const mostCauses = 5;

/** How an observation was given up. */
export interface GivenUp {
  /** Why the signal aborted, where it did. */
  stop: "deadline" | "cancelled";
  minutes: number;
}

/** Finds the words for an observation that did not settle, and asks the cluster about the pod that is to blame. */
export async function explainFailure(
  kubernetes: Kubernetes,
  { outcome, apps }: ObserverResult,
  { stop, minutes }: GivenUp,
): Promise<ProofFailure> {
  const failed = [...apps].flatMap(([app, { judgement }]) =>
    judgement.state === "failed" ? [{ app, ...judgement }] : [],
  );
  const waiting = [...apps].flatMap(([app, { judgement }]) =>
    judgement.state === "waiting" ? [{ app, ...judgement }] : [],
  );
  const first = failed[0];
  const problem = outcome === "failed" ? first?.problem : waiting.find((each) => each.problem)?.problem;
  // A cancelled job has seconds left.
  const evidence = problem && stop !== "cancelled" ? await gatherEvidence(kubernetes, problem) : undefined;
  const told = {
    pod: problem && `${problem.pod.namespace}/${problem.pod.name}`,
    evidence: evidence ?? { events: [], log: [] },
  };
  if (outcome === "failed" && first)
    return {
      ...told,
      reason: first.reason,
      lines: failed.flatMap(({ app, what, serving }) => [`${app}: ${what}`, ...servingLine(serving)]),
    };
  const head =
    stop === "deadline" ? `Not proven within ${minutes} minutes.` : "Stopped, because the job was cancelled.";
  const rest = waiting.flatMap(({ app, stage, detail, problem: one, causes }) => [
    waitingLine(app, stage, detail, one),
    ...causes.slice(0, mostCauses).map(({ what }) => `  ${what}`),
  ]);
  const unseen = apps.size === 0 ? ["Nothing was heard of the cluster."] : [];
  return { ...told, reason: stop, lines: [head, ...unseen, ...rest] };
}

function servingLine(serving: readonly { name: string; pods: number }[]): string[] {
  if (serving.length === 0) return [];
  return [`Earlier pods still serve: ${serving.map(({ name, pods }) => `${name} ${pods}`).join(", ")}.`];
}

function waitingLine(app: string, stage: string, detail: string, problem: PodProblem | undefined): string {
  return `${app} ${stage}${detail ? ` (${detail})` : ""}.${problem ? ` ${describe(problem)}` : ""}`;
}

/** The failure as an error: what happened, then what the cluster says about it. */
export function failureError({ reason, lines, pod, evidence }: ProofFailure): SlipwayError {
  const section = (title: string, content: readonly string[]) =>
    content.length > 0 ? [`${title} of ${pod}:`, ...content.map((line) => `  ${line}`)] : [];
  const told = [...lines, ...section("Events", evidence.events), ...section("Last log lines", evidence.log)];
  return new SlipwayError(told.join("\n"), { reason });
}

/** The failure for a job summary, with what became of every app. */
export function failureMarkdown(
  { lines, pod, evidence }: ProofFailure,
  environment: string,
  { outcome, apps }: ObserverResult,
): Markdown {
  const block = (title: string, content: readonly string[]) =>
    content.length > 0 ? [safe`${text(title)} of ${code(pod ?? "")}:`, codeBlock(content.join("\n"))] : [];
  const others = [...apps].filter(([, { judgement }]) => outcome === "failed" && judgement.state !== "failed");
  return paragraphs(
    safe`### Proof`,
    safe`**${text(environment)}** is not proven.`,
    ...lines.map((line) => text(line)),
    ...block("Events", evidence.events),
    ...block("Last log lines", evidence.log),
    joined(
      others.map(([app, { judgement }]) => safe`- ${text(app)} ${text(stageOf(judgement))}`),
      "\n",
    ),
  );
}
