import type { Response } from "express";

/** What the kit knows of a request while it is answered. */
export interface Locals {
  /** The id under which logs, answers and the gateway know it. */
  requestId: string;
  /** The template of the route that took it; absent until one did. */
  route?: string;
}

/** `response.locals` with its types. */
export function localsOf(response: Response): Locals {
  return response.locals as Locals;
}
