import type { RequestHandler, Response } from "express";
import { Deadline, deadlineHeader } from "../resilience/deadline.ts";
import { localsOf } from "./locals.ts";
import { Problem } from "./problems.ts";

/** The longest that a caller may say: ten minutes. */
const longest = 600_000;

/** The answer where no time is left: nobody waits for another one. */
export function deadlineOver(cause?: unknown): Problem {
  return new Problem(504, "The time that the caller gave is over.", { cause });
}

/**
 * Reads a caller's deadline. A request that comes after its deadline has passed is refused before anything is done for it.
 * A request without the header has no deadline.
 */
export const deadlines: RequestHandler = (request, response, next) => {
  const given = request.headers["x-deadline-ms"];
  if (given === undefined) {
    next();
    return;
  }
  const milliseconds = typeof given === "string" && /^\d{1,6}$/.test(given) ? Number(given) : Number.NaN;
  if (!(milliseconds <= longest))
    throw new Problem(400, `${deadlineHeader} has to be a whole number of milliseconds, 0 to ${longest}.`);
  if (milliseconds === 0) throw deadlineOver();
  localsOf(response).deadline = new Deadline(milliseconds);
  next();
};

/** The deadline of a request; undefined where its caller named none. */
export function deadlineOf(response: Response): Deadline | undefined {
  return localsOf(response).deadline;
}
