import type { Cluster } from "@aws-sdk/client-eks";
import { type AwsCredentialProvider, awsFailure, mask } from "../aws/credentials.ts";
import type { Config } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import type { ApiServerAccess } from "./kubernetes.ts";

/** The name of an environment's EKS cluster, as terraform/environment gives it. */
export function clusterName(config: Pick<Config, "project">, environment: string): string {
  return `${config.project}-${environment}`;
}

/** Which cluster is meant, and who asks. */
export interface ClusterQuestion {
  name: string;
  region: string;
  credentials: AwsCredentialProvider;
}

/**
 * Finds a cluster's API server, to be asked with the given credentials: an access entry of the cluster says what they
 * may do there.
 *
 * @throws SlipwayError with reason `no-cluster`, `cluster-not-active`, `access-denied` or as `awsFailure` gives it
 */
export async function clusterAccess({ name, region, credentials }: ClusterQuestion): Promise<ApiServerAccess> {
  const { EKSClient, DescribeClusterCommand } = await import("@aws-sdk/client-eks");
  const client = new EKSClient({ region, credentials, maxAttempts: 5 });
  try {
    const { cluster } = await client.send(new DescribeClusterCommand({ name }));
    return { ...apiServer(name, cluster), token: keptToken(() => clusterToken({ name, region, credentials })) };
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException")
      throw new SlipwayError(`There is no EKS cluster ${name} in ${region}.`, {
        next: 'It is made by the job "infra" of a delivery, from terraform/environment.',
        reason: "no-cluster",
        cause: error,
      });
    throw awsFailure(`Looking for the EKS cluster ${name}`, error);
  } finally {
    client.destroy();
  }
}

/**
 * Where EKS says that the cluster's API server is.
 *
 * @throws SlipwayError with reason `cluster-not-active` when it is not up
 */
export function apiServer(name: string, cluster: Cluster | undefined): Omit<ApiServerAccess, "token"> {
  const { status = "unknown", endpoint, certificateAuthority } = cluster ?? {};
  // A cluster that is being updated answers as before.
  const up = status === "ACTIVE" || status === "UPDATING";
  if (!up || !endpoint || !certificateAuthority?.data)
    throw new SlipwayError(
      `The EKS cluster ${name} is ${status}${up ? ", but without an address or a certificate" : ""}.`,
      {
        next: /^(FAILED|DELETING)$/.test(status)
          ? "Look at its health in the EKS console; it must be made again."
          : "Run the job again when EKS shows it as ACTIVE.",
        reason: "cluster-not-active",
      },
    );
  return { server: endpoint, certificateAuthority: Buffer.from(certificateAuthority.data, "base64").toString("utf8") };
}

/**
 * A token that says to a cluster who we are: a request to STS, signed and not sent. EKS sends it and believes the answer
 * for 15 minutes from the signature, or until the credentials end. The one minute in it is what AWS's own tools ask for.
 * https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster
 */
export async function clusterToken({ name, region, credentials }: ClusterQuestion): Promise<string> {
  const [{ SignatureV4 }, { Hash }] = await Promise.all([import("@smithy/signature-v4"), import("@smithy/core/serde")]);
  // Never AWS_ENDPOINT_URL: the cluster, not we, sends this request, and takes none that is for another host.
  const host = `sts.${region}.amazonaws.com`;
  const signer = new SignatureV4({ service: "sts", region, credentials, sha256: Hash.bind(null, "sha256") });
  const { query = {} } = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname: host,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      // The cluster adds its own name here, so that a token serves for no other.
      headers: { host, "x-k8s-aws-id": name },
    },
    { expiresIn: 60 },
  );
  const url = `https://${host}/?${new URLSearchParams(query as Record<string, string>).toString()}`;
  const token = `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
  mask(token);
  return token;
}

/** Milliseconds that a token is used: so long the credentials that signed it surely last, see `AwsCredentialProvider`. */
const tokenLife = 9 * 60_000;

/** Makes a token when there is none or it is old; calls at the same time share it. */
export function keptToken(make: () => Promise<string>, now: () => number = Date.now): () => Promise<string> {
  let held: { token: Promise<string>; until: number } | undefined;
  return () => {
    if (!held || now() >= held.until) {
      const mine = { token: make(), until: now() + tokenLife };
      held = mine;
      mine.token.catch(() => {
        if (held === mine) held = undefined;
      });
    }
    return held.token;
  };
}
