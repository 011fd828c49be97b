import { inject, Injectable, resource, type ResourceRef } from "@angular/core";
import { Subject } from "rxjs";
import { type LoadProblem, problemOf, unreachable } from "./problem";

/** A path under `/api` with its parameters; those that are undefined are left out. */
export interface ApiRequest {
  path: string;
  query?: Record<string, string | number | undefined>;
}

/** Thrown by a request that did not succeed. */
export class ApiError extends Error {
  readonly problem: LoadProblem;

  constructor(problem: LoadProblem) {
    super(problem.title);
    this.problem = problem;
  }
}

/**
 * The interface's backend: JSON, problem+json and who is signed in; it knows no path. By `fetch`, without Angular's
 * HttpClient: that would be 7 of the 77 kB which the budget of the first transfer has, and nothing here needs what it can
 * do more (README, "Decisions").
 */
@Injectable({ providedIn: "root" })
export class ApiClient {
  readonly #unauthorized = new Subject<void>();
  /** Nobody is signed in (any more). */
  readonly unauthorized = this.#unauthorized.asObservable();

  /** Reads JSON. @throws ApiError with the reason for which it could not be read */
  async get<Answer>(request: ApiRequest, signal?: AbortSignal): Promise<Answer> {
    const response = await this.#send(urlOf(request), {
      headers: { Accept: "application/json" },
      signal: signal ?? null,
    });
    return (await response.json()) as Answer;
  }

  /** Asks for something to be done that has no answer. @throws ApiError */
  async post(path: string): Promise<void> {
    await this.#send(path, { method: "POST" });
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(url, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(unreachable());
    }
    if (response.status === 401) this.#unauthorized.next();
    if (!response.ok) throw new ApiError(problemOf(response.status, await response.json().catch(() => null)));
    return response;
  }
}

/**
 * What the backend answers, as a resource: asked again when a signal changes that the request reads, an answer that is
 * no longer wanted is dropped. Called where `inject()` may be.
 */
export function apiResource<Answer>(request: () => ApiRequest): ResourceRef<Answer | undefined> {
  const api = inject(ApiClient);
  return resource<Answer, ApiRequest>({
    params: request,
    loader: ({ params, abortSignal }) => api.get<Answer>(params, abortSignal),
  });
}

function urlOf({ path, query = {} }: ApiRequest): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size > 0 ? `${path}?${parameters.toString()}` : path;
}
