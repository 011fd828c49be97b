import { OpenAPIRegistry, OpenApiGeneratorV31 } from "@asteasolutions/zod-to-openapi";
import express, { type Request, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import { docsPage } from "./docs.ts";
import { localsOf } from "./locals.ts";
import { badRequest, problemSchema, problemType } from "./problems.ts";

/** What a route takes and gives: read by TypeScript, by the validation and by the OpenAPI document alike. */
export interface RouteSpec<Params, Query, Body, Answer> {
  summary: string;
  description?: string;
  /** The group under which the documentation shows the route; "api" when left out. */
  tag?: string;
  params?: z.ZodObject & z.ZodType<Params>;
  query?: z.ZodObject & z.ZodType<Query>;
  /** The JSON body, at most `bodyLimit`. */
  body?: z.ZodType<Body>;
  /** For example `1mb`; 100 kB when left out. */
  bodyLimit?: string;
  /** What a request has to pass first: limits, then who is asking. A step that refuses throws a Problem. */
  before?: readonly RequestHandler[];
  /** The name of the service's security scheme that `before` enforces, for the documentation. */
  security?: string;
  /**
   * The body of a success; null where it has none. Handlers are held to it by TypeScript; it is not checked again while
   * serving. A handler that has sent the answer's head itself (a stream) is left alone.
   */
  response: z.ZodType<Answer> | null;
  /** The status of a success; 200 when left out. */
  status?: number;
  /** The media type of a success; JSON when left out. A route of another type answers with a string. */
  contentType?: string;
  /** Other statuses with a body of their own, or problems (null) that the route is known to answer with. */
  statuses?: Record<number, z.ZodType | null>;
}

/** What a handler is given, already validated. */
export interface Call<Params, Query, Body> {
  request: Request;
  response: Response;
  params: Params;
  query: Query;
  body: Body;
}

type Handler<Params, Query, Body, Answer> = (call: Call<Params, Query, Body>) => Answer | Promise<Answer>;
type Method = "get" | "post" | "put" | "patch" | "delete";

/** The name and version under which a service documents itself. */
export interface ApiInfo {
  title: string;
  version: string;
  description?: string;
  /** How callers say who they are, by name: https://spec.openapis.org/oas/v3.1.0#security-scheme-object */
  securitySchemes?: Record<string, SecurityScheme>;
}

/** A security scheme of OpenAPI, as far as services here use it. */
export type SecurityScheme =
  | { type: "apiKey"; in: "cookie"; name: string; description: string }
  | { type: "http"; scheme: "bearer"; description: string };

/** The routes of a service. Each is mounted and documented in one step, so that neither can be without the other. */
export class Api {
  readonly router = Router({ caseSensitive: true });
  readonly #registry = new OpenAPIRegistry();
  readonly #info: { title: string; version: string; description: string };
  #document: ReturnType<OpenApiGeneratorV31["generateDocument"]> | undefined;

  constructor({ title, version, description = "", securitySchemes = {} }: ApiInfo) {
    this.#info = { title, version, description };
    for (const [name, scheme] of Object.entries(securitySchemes))
      this.#registry.registerComponent("securitySchemes", name, scheme);
  }

  get = this.#adder("get");
  post = this.#adder("post");
  put = this.#adder("put");
  patch = this.#adder("patch");
  delete = this.#adder("delete");

  /** The OpenAPI 3.1 document of everything added so far. */
  document() {
    this.#document ??= new OpenApiGeneratorV31(this.#registry.definitions).generateDocument({
      openapi: "3.1.0",
      info: this.#info,
    });
    return this.#document;
  }

  #adder(method: Method) {
    return <Params, Query, Body, Answer>(
      path: string,
      spec: RouteSpec<Params, Query, Body, Answer>,
      handler: Handler<Params, Query, Body, Answer>,
    ): void => {
      this.#describe(method, path, spec);
      const steps: RequestHandler[] = [...(spec.before ?? [])];
      // After the guards: nobody unknown makes us read what they send.
      if (spec.body) steps.push(express.json({ limit: spec.bodyLimit ?? "100kb" }));
      this.router[method](path, ...steps, serve(path, spec, handler));
    };
  }

  #describe(method: Method, path: string, spec: RouteSpec<unknown, unknown, unknown, unknown>): void {
    this.#document = undefined;
    const success = {
      description: "Success",
      ...(spec.response && { content: content(spec.contentType ?? "application/json", spec.response) }),
    };
    const others: Record<string, { description: string; content: ReturnType<typeof content> }> = {};
    for (const [status, schema] of Object.entries(spec.statuses ?? {}))
      others[status] = schema
        ? { description: spec.summary, content: content("application/json", schema) }
        : { description: "Problem", content: content(problemType, problemSchema) };
    this.#registry.registerPath({
      method,
      path: path.replace(/:(\w+)/g, "{$1}"),
      summary: spec.summary,
      ...(spec.description && { description: spec.description }),
      tags: [spec.tag ?? "api"],
      ...(spec.security && { security: [{ [spec.security]: [] }] }),
      request: {
        ...(spec.params && { params: spec.params }),
        ...(spec.query && { query: spec.query }),
        ...(spec.body && { body: { required: true, content: content("application/json", spec.body) } }),
      },
      responses: {
        [spec.status ?? 200]: success,
        ...others,
        default: { description: "Problem", content: content(problemType, problemSchema) },
      },
    });
  }
}

/** Adds `/openapi.json` and `/docs`; call it after every other route. */
export function addDocumentationRoutes(api: Api): void {
  const tag = "documentation";
  const json = once(() => JSON.stringify(api.document()));
  const page = once(() => docsPage(api.document()));
  const text = z.string();
  api.get("/openapi.json", { summary: "This document", tag, response: text, contentType: "application/json" }, json);
  api.get("/docs", { summary: "This document, to read", tag, response: text, contentType: "text/html" }, (call) => {
    // The page has no script, so nothing that slips into a description can run.
    call.response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    return page();
  });
}

/** The document never changes while serving: made at the first request that asks for it. */
function once(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function content(type: string, schema: z.ZodType) {
  return { [type]: { schema } };
}

function serve<Params, Query, Body, Answer>(
  path: string,
  spec: RouteSpec<Params, Query, Body, Answer>,
  handler: Handler<Params, Query, Body, Answer>,
): RequestHandler {
  const contentType = spec.contentType ?? "application/json; charset=utf-8";
  const encode = spec.contentType ? String : JSON.stringify;
  return (request, response) => {
    localsOf(response).route = path;
    const call = {
      request,
      response,
      params: parse("path", spec.params, request.params),
      query: parse("query", spec.query, spec.query && request.query),
      body: parse("body", spec.body, request.body as unknown),
    };
    if (spec.status) response.statusCode = spec.status;
    const reply = (answer: Answer) => {
      if (response.headersSent) return;
      if (!spec.response) {
        response.end();
        return;
      }
      // Written without response.json(): no ETag is computed for answers that nobody revalidates.
      response.setHeader("Content-Type", contentType);
      response.end(encode(answer));
    };
    const answer = handler(call as Call<Params, Query, Body>);
    // Express forwards the rejection of a promise that it is given; an answer at hand needs no promise.
    if (answer instanceof Promise) return answer.then(reply);
    reply(answer);
    return undefined;
  };
}

function parse(where: string, schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (!result.success) throw badRequest(where, result.error);
  return result.data;
}
