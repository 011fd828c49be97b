import type { IncomingHttpHeaders } from "node:http";
import { findRestOperation } from "./aws-rest-operations.ts";

/** How a request's failure is written; each service speaks one. */
export type AwsProtocol = "ec2" | "query" | "json" | "rest-json" | "rest-xml" | "registry";

/** One operation of AWS's API, as a request asks for it. */
export interface AwsOperation {
  /** The service's name in signatures and IAM actions, for example `eks`; `registry` for an image registry's own API. */
  service: string;
  /** The operation's name, for example `DescribeCluster`; for the registry the method and what it is about. */
  action: string;
  protocol: AwsProtocol;
  /** Empty where the request does not say. */
  region: string;
  /** Whether it may change something. An operation that is not known to only read counts as changing. */
  mutating: boolean;
  /** Variables of the path of a REST operation, decoded, for example `{ clusterName: "dev" }`. */
  path: Readonly<Record<string, string>>;
}

/** The parts of a request that tell its operation. */
export interface RequestHead {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
}

/** Reads by other first words, or that only hand out something that is not kept. */
const reading =
  /^(Get|List|Describe|Head|BatchGet|BatchCheck|Check|Lookup|Search|Simulate|Select|Filter|Validate|Assume|Encrypt|Decrypt|GenerateDataKey)/;

/** Services by the version that their query requests name; an unsigned request says nothing else. */
const queryVersions: Readonly<Record<string, string>> = {
  "2011-06-15": "sts",
  "2010-05-08": "iam",
  "2016-11-15": "ec2",
  "2015-12-01": "elasticloadbalancing",
  "2011-01-01": "autoscaling",
};

/** Whether the body has to be read before the operation is known: the query protocol names it there. */
export function namedInBody({ headers }: RequestHead): boolean {
  return (headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
}

/**
 * Tells which operation a request asks for.
 *
 * @param body the body's text where `namedInBody` says so
 * @returns undefined for what is not of AWS, such as the emulator's own pages
 */
export async function identify(request: RequestHead, body = ""): Promise<AwsOperation | undefined> {
  const url = new URL(request.url, "http://localhost");
  if (isRegistry(request, url)) return registryOperation(request.method, url.pathname);

  const credential =
    /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1] ??
    url.searchParams.get("X-Amz-Credential") ??
    "";
  const [, , region = "", signedFor = ""] = credential.split("/");
  const named = (service: string, action: string, protocol: AwsProtocol, path = {}): AwsOperation => ({
    service,
    action,
    protocol,
    region,
    mutating: !reading.test(action),
    path,
  });

  const target = request.headers["x-amz-target"];
  if (typeof target === "string") return named(signedFor, target.split(".").pop() ?? "", "json");

  const form = new URLSearchParams(namedInBody(request) ? body : url.search);
  const action = form.get("Action");
  if (action) {
    const service = signedFor || queryVersions[form.get("Version") ?? ""] || "";
    return named(service, action, service === "ec2" ? "ec2" : "query");
  }
  if (!signedFor) return undefined;
  const found = await findRestOperation(signedFor, request.method, url, request.headers.host ?? "");
  return named(signedFor, found?.action ?? "", signedFor === "s3" ? "rest-xml" : "rest-json", found?.path);
}

/** Whether a request is for the image registry: it has paths that no signed request has. */
function isRegistry({ headers }: RequestHead, { pathname }: URL): boolean {
  return /^\/v2(\/|$)/.test(pathname) && !(headers.authorization ?? "").startsWith("AWS4-");
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints */
function registryOperation(method: string, pathname: string): AwsOperation {
  const [, name = "", about = "ping"] = /^\/v2\/(.+)\/(blobs\/uploads|blobs|manifests|tags)\//.exec(pathname) ?? [];
  return {
    service: "registry",
    action: `${method} ${about}`,
    protocol: "registry",
    region: "",
    mutating: method !== "GET" && method !== "HEAD",
    path: name ? { name } : {},
  };
}
