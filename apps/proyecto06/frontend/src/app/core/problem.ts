/** What a person is told when something could not be loaded. */
export interface Problem {
  status: number;
  title: string;
  detail: string | null;
  /** For a question to those who run the console. */
  requestId: string | null;
}

/**
 * Reads the answer to a failed request. The backend's own words come first (RFC 9457,
 * https://www.rfc-editor.org/rfc/rfc9457); where the answer is not the backend's (a proxy's page), ours say what it is.
 */
export function problemOf(status: number, body: unknown): Problem {
  const fields = isRecord(body) ? body : {};
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : null);
  return { status, title: text("title") ?? ownTitle(status), detail: text("detail"), requestId: text("requestId") };
}

/** When there was no answer at all. */
export function unreachable(): Problem {
  const title = $localize`:@@problem.offline:The console cannot be reached`;
  return { status: 0, title, detail: null, requestId: null };
}

/** When it was not the backend that failed. */
export function unexpected(): Problem {
  const title = $localize`:@@problem.unexpected:Something unexpected happened`;
  return { status: 0, title, detail: null, requestId: null };
}

function ownTitle(status: number): string {
  if (status === 404) return $localize`:@@problem.notFound:This does not exist`;
  return $localize`:@@problem.status:The console answered with an error (${status}:status:)`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
