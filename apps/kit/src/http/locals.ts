import type { Response } from "express";
import type { Deadline } from "../resilience/deadline.ts";

/** What the kit knows of a request while it is answered. */
export interface Locals {
  /** The id under which logs, answers and the gateway know it. */
  requestId: string;
  /** The template of the route that took it; absent until one did. */
  route?: string;
  /** Until when its caller waits; absent where it did not say. */
  deadline?: Deadline;
}

/** `response.locals` with its types. */
export function localsOf(response: Response): Locals {
  return response.locals as Locals;
}
