import { STATUS_CODES } from "node:http";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { z } from "zod";
import { isDatabaseAway } from "../database/database.ts";
import { localsOf } from "./locals.ts";
import type { Logger } from "../service/logger.ts";

/** The media type of RFC 9457 (https://www.rfc-editor.org/rfc/rfc9457). */
export const problemType = "application/problem+json";

/** The body of every answer with a status of 400 or more. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  requestId: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** What a caller is told about a failed request. */
export type ProblemBody = z.output<typeof problemSchema>;

/** Thrown by a route to answer with a status of its own; its `detail` is shown to the caller, so it holds no secret. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly errors: ProblemBody["errors"];
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    detail: string,
    options: { errors?: ProblemBody["errors"]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause });
    this.status = status;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter;
  }
}

/** Turns a failed validation into a 400 that names every wrong field. */
export function badRequest(where: string, error: z.ZodError): Problem {
  const errors = error.issues.map((issue) => ({ path: [where, ...issue.path].join("."), message: issue.message }));
  return new Problem(400, `The request's ${where} is not valid.`, { errors });
}

/** Answers what no route took. */
export const notFound: RequestHandler = (_request, response) => {
  send(response, { type: "about:blank", title: "Not Found", status: 404 });
};

/**
 * The one error handler. A `Problem` and errors that Express marks for the caller (a malformed body or URL) keep their
 * words, a database that does not answer is a 503 that says when to try again; anything else is a 500 whose text stays in
 * the log.
 */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (thrown: unknown, request, response, _next) => {
    const error = !(thrown instanceof Problem) && isDatabaseAway(thrown) ? databaseAway(thrown) : thrown;
    const known = error instanceof Problem;
    const status = known ? error.status : exposedStatus(error);
    const { requestId } = localsOf(response);
    if (status >= 500) logger.error({ err: error, requestId, method: request.method }, "request failed");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (known && error.retryAfter !== undefined) response.setHeader("Retry-After", String(error.retryAfter));
    const detail = status < 500 || known ? messageOf(error) : undefined;
    send(response, {
      type: "about:blank",
      title: STATUS_CODES[status] ?? "Error",
      status,
      ...(detail && { detail }),
      ...(requestId && { requestId }),
      ...(known && error.errors && { errors: error.errors }),
    });
  };
}

function databaseAway(cause: unknown): Problem {
  return new Problem(503, "The database does not answer.", { retryAfter: 1, cause });
}

/** The status of an error that http-errors or a decoder marked as the caller's own, 500 for every other. */
function exposedStatus(error: unknown): number {
  if (typeof error !== "object" || error === null) return 500;
  const status = "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : 500;
}

function messageOf(error: unknown): string | undefined {
  return error instanceof Error ? error.message : undefined;
}

function send(response: Response, body: ProblemBody): void {
  response.statusCode = body.status;
  response.setHeader("Content-Type", problemType);
  response.end(JSON.stringify(body));
}
