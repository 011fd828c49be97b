import { request } from "node:http";
import { text } from "node:stream/consumers";
import { EKS } from "@aws-sdk/client-eks";
import type { Authenticate, KubernetesUser } from "./front.ts";

/** Where the emulated AWS is asked. */
export interface IamAuthenticatorOptions {
  /** The emulator's own address: these are EKS' questions, and no client's. */
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** The cluster's name in EKS. */
  cluster: string;
}

const prefix = "k8s-aws-v1.";
/** So long a token is valid after its signature, in milliseconds. */
const lifetime = 15 * 60_000;
/** So long an answer serves: a controller asks many times a second, and an access entry that goes must show. */
const kept = 5_000;

/** The group of those to whom an access policy is given for the whole cluster. */
export function policyGroup(policy: string): string {
  return policy === "AmazonEKSClusterAdminPolicy" ? "system:masters" : `slipway-rehearsal:${policy}`;
}

/**
 * Knows the bearers of IAM's tokens as EKS does: the token is a signed question to STS, whose answer names a role, and
 * the cluster's access entries say who that is in Kubernetes. No entry, no access.
 * https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
 *
 * Access policies for single namespaces are left out: nothing here uses them.
 */
export function iamAuthenticator(options: IamAuthenticatorOptions): Authenticate {
  const { endpoint, region, credentials, cluster } = options;
  const eks = new EKS({ endpoint, region, credentials });
  const known = new Map<string, { until: number; identity: Promise<KubernetesUser | undefined> }>();

  const identify = async (token: string): Promise<KubernetesUser | undefined> => {
    const question = questionIn(token, region);
    const arn = question && (await callerOf(endpoint, question, cluster));
    const [, account, role, session = ""] = /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/(.+)$/.exec(arn ?? "") ?? [];
    const principalArn = role ? `arn:aws:iam::${account}:role/${role}` : arn;
    if (!principalArn) return undefined;
    try {
      const { accessEntry } = await eks.describeAccessEntry({ clusterName: cluster, principalArn });
      const policies = await eks.listAssociatedAccessPolicies({ clusterName: cluster, principalArn });
      const wide = (policies.associatedAccessPolicies ?? []).filter(
        ({ accessScope }) => accessScope?.type === "cluster",
      );
      return {
        // An entry without a name gives that of the session.
        username: (accessEntry?.username || arn || "").replace("{{SessionName}}", session),
        groups: [
          "system:authenticated",
          ...(accessEntry?.kubernetesGroups ?? []),
          ...wide.map(({ policyArn = "" }) => policyGroup(policyArn.split("/").at(-1) ?? "")),
        ],
      };
    } catch (error) {
      if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  };

  return (token) => {
    const now = Date.now();
    for (const [each, { until }] of known) if (until <= now) known.delete(each);
    const found = known.get(token);
    if (found) return found.identity;
    const identity = identify(token);
    known.set(token, { until: now + kept, identity });
    identity.catch(() => known.delete(token));
    return identity;
  };
}

/** The question to STS that a token holds; undefined where EKS would not send it. */
function questionIn(token: string, region: string): URL | undefined {
  const address = token.startsWith(prefix) ? Buffer.from(token.slice(prefix.length), "base64url").toString() : "";
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const value = (name: string) => url.searchParams.get(name) ?? "";
  const asked = url.origin === `https://sts.${region}.amazonaws.com` && value("Action") === "GetCallerIdentity";
  const bound = value("X-Amz-SignedHeaders").split(";").includes("x-k8s-aws-id");
  const age = Date.now() - signedAt(value("X-Amz-Date"));
  return asked && bound && age > -300_000 && age < lifetime ? url : undefined;
}

/** `20260102T030405Z` in milliseconds since 1970; NaN where it is not a date. */
function signedAt(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** Who signed the question, by STS' answer; undefined where STS refuses. */
async function callerOf(endpoint: string, question: URL, cluster: string): Promise<string | undefined> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((resolve, reject) => {
    // The cluster adds its own name to what is signed.
    const headers = { host: question.host, "x-k8s-aws-id": cluster };
    const path = `${question.pathname}${question.search}`;
    const call = request({ hostname, port, path, headers, timeout: 10_000 }, (answer) => {
      text(answer).then(
        (body) => resolve(answer.statusCode === 200 ? /<Arn>([^<]+)</.exec(body)?.[1] : undefined),
        reject,
      );
    });
    call.on("timeout", () => call.destroy(new Error("STS did not answer within 10 s")));
    call.on("error", reject).end();
  });
}
