/** An operation of a service whose API is paths and methods. */
export interface RestOperation {
  action: string;
  /** The variables of its path, decoded. */
  path: Readonly<Record<string, string>>;
}

/** A REST operation's template. */
interface RestRoute {
  action: string;
  method: string;
  pattern: RegExp;
  variables: readonly string[];
  /** Query parameters that must be there; where a value is given, with it. */
  query: readonly (readonly [string, string])[];
  /** What SDKs write into the query where nothing else tells two operations apart. */
  id: string | undefined;
}

/** Which of several S3 operations is meant by a client that does not write `x-id`, as older ones do not. */
const plainObjectOperations = ["GetObject", "PutObject", "DeleteObject"];

/**
 * Finds the operation of a REST service. Known are the services whose SDKs the actions use: S3, EKS and Route 53.
 *
 * @param host the request's Host header, which may name a bucket
 */
export async function findRestOperation(
  service: string,
  method: string,
  url: URL,
  host: string,
): Promise<RestOperation | undefined> {
  const s3 = service === "s3";
  const { bucket, path } = s3 ? splitBucket(url, host) : { bucket: "", path: url.pathname };
  if (s3 && !bucket) return { action: "ListBuckets", path: {} };
  const id = url.searchParams.get("x-id");
  for (const route of await restRoutes(service)) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (!match) continue;
    if (route.id && (id ? route.id !== id : !plainObjectOperations.includes(route.id))) continue;
    const fits = ([name, value]: readonly [string, string]) =>
      url.searchParams.has(name) && (value === "" || url.searchParams.get(name) === value);
    if (!route.query.every(fits)) continue;
    const variables: Record<string, string> = s3 ? { Bucket: bucket } : {};
    for (const [index, name] of route.variables.entries()) variables[name] = decodeURIComponent(match[index + 1] ?? "");
    return { action: route.action, path: variables };
  }
  return undefined;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
function splitBucket(url: URL, host: string): { bucket: string; path: string } {
  const virtual = /^(.+)\.(s3[.-]|localhost$)/.exec(host.replace(/:\d+$/, ""))?.[1];
  if (virtual) return { bucket: virtual, path: url.pathname };
  const [, bucket = "", ...key] = url.pathname.split("/");
  return { bucket: decodeURIComponent(bucket), path: `/${key.join("/")}` };
}

const loaded = new Map<string, Promise<readonly RestRoute[]>>();

function restRoutes(service: string): Promise<readonly RestRoute[]> {
  const routes = loaded.get(service) ?? loadRoutes(service);
  loaded.set(service, routes);
  return routes;
}

async function loadRoutes(service: string): Promise<readonly RestRoute[]> {
  const exported: Record<string, unknown> =
    service === "eks"
      ? await import("@aws-sdk/client-eks")
      : service === "s3"
        ? await import("@aws-sdk/client-s3")
        : service === "route53"
          ? await import("@aws-sdk/client-route-53")
          : {};
  const routes = Object.values(exported).flatMap((value) => restRoute(value) ?? []);
  // What asks for more comes first: `?uploads` before no query at all.
  return routes.sort((a, b) => b.query.length - a.query.length);
}

/**
 * Reads an operation in the SDK's own form: `[9, namespace, name, { http: [method, path template, status] }, ...]`,
 * where 9 marks operations. https://github.com/smithy-lang/smithy-typescript/tree/main/packages/types/src/schema
 */
function restRoute(schema: unknown): RestRoute | undefined {
  if (!Array.isArray(schema) || schema[0] !== 9) return undefined;
  const [, , action, traits] = schema as [number, string, string, { http?: [string, string, number] }];
  if (!traits.http) return undefined;
  const [method, template] = traits.http;
  const [path = "", search = ""] = template.split("?");
  const query = new URLSearchParams(search);
  const id = query.get("x-id") ?? undefined;
  query.delete("x-id");
  return {
    action,
    method,
    pattern: new RegExp(`^${path.replace(/\{\w+\+\}/g, "(.+)").replace(/\{\w+\}/g, "([^/]+)")}$`),
    variables: [...path.matchAll(/\{(\w+)\+?\}/g)].map((match) => match[1] ?? ""),
    query: [...query],
    id,
  };
}
