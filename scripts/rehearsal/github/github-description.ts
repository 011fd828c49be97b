import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { Ajv, type AnySchemaObject, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

/** A schema of OpenAPI 3.0, which differs from JSON Schema in `nullable`. */
type Schema = Record<string, unknown>;

interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  schema: Schema;
}

interface Operation {
  operationId: string;
  parameters?: (Parameter | JsonReference)[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, Response | JsonReference>;
}

interface Response {
  content?: Record<string, { schema: Schema }>;
}

interface JsonReference {
  $ref: string;
}

interface Description {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, Schema>>;
}

/** One operation of GitHub's API, as GitHub's own description has it. */
export interface ApiOperation {
  id: string;
  /** What is wrong with a request's query and body; empty when it is right. Unknown names are wrong. */
  checkRequest(query: URLSearchParams, body: unknown): string[];
  /** What is wrong with an answer; empty when it is right. */
  checkResponse(status: number, body: unknown): string[];
  /** An answer that holds every required property, with `values` laid over it. */
  respond(status: number, values: unknown): unknown;
}

/** GitHub's published description of its REST API. */
export interface ApiDescription {
  /** Whether the path and method are in the description. */
  knows(path: string, method: string): boolean;
  /** @throws Error when the description has no such operation */
  operation(path: string, method: string): ApiOperation;
}

/** Reads the description from the package `@octokit/openapi`. Schemas are compiled one operation at a time, when asked for. */
export async function readApiDescription(): Promise<ApiDescription> {
  const file = createRequire(import.meta.url).resolve("@octokit/openapi/generated/api.github.com.json");
  const description = JSON.parse(await readFile(file, "utf8")) as Description;
  const templates = Object.keys(description.paths).map((path) => ({
    path,
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{[^}]+\}/g, "[^/]+")}$`),
  }));
  const operations = new Map<string, ApiOperation>();
  return {
    knows: (path, method) =>
      templates.some((each) => each.pattern.test(path) && description.paths[each.path]?.[method.toLowerCase()]),
    operation(path, method) {
      const name = `${method} ${path}`;
      const operation = description.paths[path]?.[method.toLowerCase()];
      if (!operation) throw new Error(`GitHub's API has no ${name}.`);
      const known = operations.get(name) ?? compile(description, operation);
      operations.set(name, known);
      return known;
    },
  };
}

function compile(description: Description, operation: Operation): ApiOperation {
  // `coerceTypes` because a query holds text only; formats that are GitHub's own are not checked.
  const forQuery = formats.default(new Ajv({ strict: false, logger: false, allErrors: true, coerceTypes: true }));
  const forBodies = formats.default(new Ajv({ strict: false, logger: false, allErrors: true }));
  const parameters = (operation.parameters ?? []).map((each) => resolve<Parameter>(description, each));
  const query = forQuery.compile(
    jsonSchema(description, {
      type: "object",
      additionalProperties: false,
      required: parameters.filter((each) => each.in === "query" && each.required).map((each) => each.name),
      properties: Object.fromEntries(
        parameters.filter((each) => each.in === "query").map((each) => [each.name, each.schema]),
      ),
    }),
  );
  const bodySchema = operation.requestBody?.content["application/json"]?.schema;
  // GitHub ignores names that it does not know; to us they are mistakes.
  const body = bodySchema && forBodies.compile(jsonSchema(description, { additionalProperties: false, ...bodySchema }));
  const schemaOf = (status: number) => {
    const response = operation.responses[status];
    return response && resolve<Response>(description, response).content?.["application/json"]?.schema;
  };
  const responses = new Map<number, ValidateFunction>();
  return {
    id: operation.operationId,
    checkRequest(given, content) {
      const found = complaints(query, Object.fromEntries(given), "query");
      if (!body) return content === undefined ? found : [...found, "body: this operation takes none"];
      if (content === undefined) return operation.requestBody?.required ? [...found, "body: missing"] : found;
      return [...found, ...complaints(body, content, "body")];
    },
    checkResponse(status, content) {
      const schema = schemaOf(status);
      if (!schema) return content === undefined ? [] : [`GitHub's description has no answer ${status} here`];
      const check = responses.get(status) ?? forBodies.compile(jsonSchema(description, schema));
      responses.set(status, check);
      return complaints(check, content, `answer ${status}`);
    },
    respond: (status, values) =>
      overlay(example(description, schemaOf(status) ?? {}), values, description, schemaOf(status)),
  };
}

function complaints(check: ValidateFunction, value: unknown, where: string): string[] {
  if (check(value)) return [];
  return (check.errors ?? []).map((error) => {
    const more = error.keyword === "additionalProperties" ? ` (${error.params.additionalProperty})` : "";
    return `${where}${error.instancePath}: ${error.message}${more}`;
  });
}

/** What a `$ref` points at. @throws Error when nothing is there */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- one assertion here spares one at each call
function resolve<T>(description: Description, value: unknown): T {
  const reference = (value as Partial<JsonReference>).$ref;
  if (typeof reference !== "string") return value as T;
  const [, , group = "", name = ""] = reference.split("/");
  const found = description.components[group]?.[name];
  if (!found) throw new Error(`GitHub's description has no ${reference}.`);
  return resolve<T>(description, found);
}

/** A JSON Schema of an OpenAPI 3.0 schema, with every component that it reaches under `$defs`. */
function jsonSchema(description: Description, schema: Schema): AnySchemaObject {
  const definitions: Record<string, unknown> = {};
  const convert = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(convert);
    if (value === null || typeof value !== "object") return value;
    const given = value as Schema;
    if (typeof given.$ref === "string") {
      const name = given.$ref.split("/").at(-1) ?? "";
      if (!(name in definitions)) {
        definitions[name] = {};
        definitions[name] = convert(resolve<Schema>(description, given));
      }
      return { $ref: `#/$defs/${name}` };
    }
    // Examples hold whatever they like, also things that look like schemas.
    const { nullable, example: _example, examples: _examples, ...rest } = given;
    const converted = Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, convert(each)]));
    return nullable === true ? { anyOf: [converted, { type: "null" }] } : converted;
  };
  const root = convert(schema) as Schema;
  return { ...root, $defs: definitions };
}

/** The least value that a schema allows: required properties only, `null` where that is allowed. */
function example(description: Description, given: Schema): unknown {
  const schema = resolve<Schema>(description, given);
  if (schema.nullable === true) return null;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const choice = (schema.oneOf ?? schema.anyOf) as Schema[] | undefined;
  if (choice?.[0]) return example(description, choice[0]);
  if (Array.isArray(schema.allOf))
    return Object.assign({}, ...schema.allOf.map((each) => example(description, each as Schema)));
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  switch (schema.type) {
    case "array":
      return [];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return Number(schema.minimum ?? 0);
    case "string":
      return schema.format === "uri"
        ? "https://github.com/"
        : schema.format === "date-time"
          ? new Date(0).toISOString()
          : "";
    default:
      return Object.fromEntries(
        ((schema.required ?? []) as string[]).map((name) => [name, example(description, properties[name] ?? {})]),
      );
  }
}

/** `values` laid over `base`; items of a list are laid over the least item that the list's schema allows. */
function overlay(base: unknown, values: unknown, description: Description, given: Schema | undefined): unknown {
  const schema = given && resolve<Schema>(description, given);
  if (Array.isArray(values)) {
    const items = (schema?.items ?? {}) as Schema;
    return values.map((value) => overlay(example(description, items), value, description, items));
  }
  if (values === null || typeof values !== "object") return values;
  const result: Record<string, unknown> = { ...(base as Record<string, unknown> | null) };
  const properties = propertiesOf(description, schema ?? {});
  for (const [name, value] of Object.entries(values))
    result[name] = overlay(
      result[name] ??
        example(description, { ...resolve<Schema>(description, properties[name] ?? {}), nullable: false }),
      value,
      description,
      properties[name],
    );
  return result;
}

/** The properties that a schema names, itself or by what it is made up of. */
function propertiesOf(description: Description, { properties, allOf = [] }: Schema): Record<string, Schema> {
  const parts = (allOf as Schema[]).map((part) => propertiesOf(description, resolve<Schema>(description, part)));
  return Object.assign({}, ...parts, properties) as Record<string, Schema>;
}
