/** What a person is told when something could not be loaded. */
export interface LoadProblem {
  status: number;
  title: string;
  detail: string | null;
  /** For a question to those who run the service. */
  requestId: string | null;
}

/**
 * Reads the answer to a failed request: what happened in the person's language, by the status, and the backend's own
 * detail (RFC 9457, https://www.rfc-editor.org/rfc/rfc9457), which is English.
 */
export function problemOf(status: number, body: unknown): LoadProblem {
  const fields = isRecord(body) ? body : {};
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : null);
  return { status, title: titleOf(status), detail: text("detail"), requestId: text("requestId") };
}

/** When there was no answer at all. */
export function unreachable(): LoadProblem {
  const title = $localize`:@@problem.offline:The server cannot be reached`;
  return { status: 0, title, detail: null, requestId: null };
}

/** When it was not the backend that failed. */
export function unexpected(): LoadProblem {
  const title = $localize`:@@problem.unexpected:Something unexpected happened`;
  return { status: 0, title, detail: null, requestId: null };
}

function titleOf(status: number): string {
  if (status === 400) return $localize`:@@problem.question:The server does not understand this request`;
  if (status === 404) return $localize`:@@problem.notFound:This does not exist`;
  if (status === 429) return $localize`:@@problem.often:Too many requests at once`;
  if (status === 503) return $localize`:@@problem.away:The server cannot answer right now`;
  return $localize`:@@problem.status:The server answered with an error (${status}:status:)`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
