import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { type ApiDescription, readApiDescription } from "./github-description.ts";
import { routes } from "./github-routes.ts";
import {
  type RouteAnswer,
  bot,
  type GitHubOptions,
  type GitHubState,
  type Route,
  refusal,
  usualRepository,
} from "./github-state.ts";
import { close, listen } from "../tools/listening.ts";

/** A running stand-in of GitHub's REST API. */
export interface GitHubServer extends AsyncDisposable {
  /** For GITHUB_API_URL. */
  readonly endpoint: string;
  readonly state: GitHubState;
  /** Requests that the real API would not take, or that the stand-in does not play: a rehearsal fails when there are any. */
  readonly violations: string[];
  stop(): Promise<void>;
}

/**
 * Starts a stand-in of GitHub's REST API on a free port of this machine. Every request and every answer is held
 * against GitHub's published OpenAPI description; what is not in it, or is not played here, is refused and recorded.
 */
export async function startGitHub(options: GitHubOptions): Promise<GitHubServer> {
  const description = await readApiDescription();
  const violations: string[] = [];
  const state: GitHubState = {
    pulls: [],
    issues: [],
    comments: [],
    runs: new Map(),
    jobs: new Map(),
    environments: new Map(),
    repository: {
      ...usualRepository(options.repository),
      ...(options.ids && { id: options.ids.repository, ownerId: options.ids.owner }),
      ...(options.private !== undefined && { private: options.private }),
    },
    branches: new Map(),
    deployments: [],
    statuses: [],
  };
  const server = createServer((request, response) => {
    void handle(description, options, state, request)
      .catch((error: unknown) => ({ ...refusal(500, String(error)), violation: String(error) }))
      .then((answer) => {
        if (answer.violation) violations.push(`${request.method} ${request.url}: ${answer.violation}`);
        send(response, answer);
      });
  });
  const endpoint = `http://127.0.0.1:${await listen(server)}`;
  const stop = () => close(server);
  return { endpoint, state, violations, stop, [Symbol.asyncDispose]: stop };
}

type Judged = RouteAnswer & { violation?: string };

async function handle(
  description: ApiDescription,
  options: GitHubOptions,
  state: GitHubState,
  request: IncomingMessage,
): Promise<Judged> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
  const method = request.method ?? "GET";
  const content = await body(request);
  if (content instanceof Error) return judged(refusal(400, "Problems parsing JSON"), content.message);
  const credentials = request.headers.authorization?.replace(/^(token|bearer) /i, "");
  if (credentials !== options.token) return judged(refusal(401, "Bad credentials"), "not the token of this world");

  if (`${method} ${url.pathname}` === "POST /graphql") return askedWho(content);
  const found = match(url.pathname, method);
  if (!found) {
    const known = description.knows(url.pathname, method);
    return judged(
      refusal(404, "Not Found"),
      known ? "the stand-in does not play this" : "GitHub's API has no such route",
    );
  }
  const { route, parameters } = found;
  if (parameters.repo && `${parameters.owner}/${parameters.repo}` !== options.repository)
    return judged(refusal(404, "Not Found"), `the repository is ${options.repository}`);
  const operation = description.operation(route.path, route.method);
  const wrong = operation.checkRequest(url.searchParams, content);
  if (wrong.length > 0) return judged(refusal(422, "Validation Failed"), wrong.join("; "));

  const answer = await route.answer({ options, state, parameters, url, body: content as never });
  const whole = { ...answer, body: operation.respond(answer.status, answer.body) };
  const untrue = operation.checkResponse(whole.status, whole.body);
  return untrue.length > 0 ? judged(whole, `the stand-in's own ${untrue.join("; ")}`) : whole;
}

/** The one question that we ask in GraphQL: https://docs.github.com/en/graphql/reference/queries#viewer */
function askedWho(content: unknown): Judged {
  const { query } = (content ?? {}) as { query?: string };
  if (query === "query { viewer { login } }") return { status: 200, body: { data: { viewer: { login: bot.login } } } };
  return judged(refusal(400, "Problems parsing GraphQL"), `the stand-in does not play the query ${query}`);
}

function judged(answer: RouteAnswer, violation: string): Judged {
  return { ...answer, violation };
}

function match(path: string, method: string): { route: Route; parameters: Record<string, string> } | undefined {
  for (const route of routes) {
    if (route.method !== method) continue;
    const pattern = new RegExp(`^${route.path.replaceAll(/\{([^}]+)\}/g, "(?<$1>[^/]+)")}$`);
    const found = pattern.exec(path);
    // A path without variables has no groups.
    if (found) return { route, parameters: found.groups ?? {} };
  }
  return undefined;
}

async function body(request: IncomingMessage): Promise<unknown> {
  if (
    request.headers["content-length"] === "0" ||
    (!request.headers["content-length"] && !request.headers["transfer-encoding"])
  )
    return undefined;
  return json(request).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}

function send(response: ServerResponse, answer: RouteAnswer): void {
  response.writeHead(answer.status, { "content-type": "application/json; charset=utf-8", ...answer.headers });
  response.end(JSON.stringify(answer.body));
}
