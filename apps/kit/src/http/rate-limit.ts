import type { Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import { Problem } from "./problems.ts";

/** How often something may be asked. */
export interface Limit {
  perMinute: number;
  /** Whose requests are counted together; the caller's address (of IPv6 its /56) when left out. */
  key?: (request: Request, response: Response) => string;
}

/**
 * Refuses with a 429 problem that says when to come back what is asked more often than it may. Counted in this process
 * alone: with n replicas, a caller who is spread over all of them may ask n times as often.
 */
export function limited({ perMinute, key }: Limit): RequestHandler {
  const windowMs = 60_000;
  return rateLimit({
    windowMs,
    limit: perMinute,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    keyGenerator: (request, response) => key?.(request, response) ?? ipKeyGenerator(request.ip ?? ""),
    // Which proxies are believed is the service's TRUSTED_PROXIES; others may send the header and are not believed.
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) => {
      next(new Problem(429, `More than ${perMinute} requests in a minute.`, { retryAfter: windowMs / 1_000 }));
    },
  });
}
