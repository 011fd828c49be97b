import type { AwsCredentialProvider } from "../aws/credentials.ts";
import { clusterAccess, clusterName } from "../kubernetes/cluster.ts";
import type { Config } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { Releases, type Released } from "../gitops/released.ts";
import { remoteFromEnvironment } from "../gitops/remote.ts";
import { type Kubernetes, KubernetesError, openKubernetes } from "../kubernetes/kubernetes.ts";

/** Which environment, and where its repository is. */
export interface EnvironmentOptions {
  name: string;
  config: Config;
  credentials: AwsCredentialProvider;
  /** A clone of the repository, whose `origin` is asked for the newest release. */
  directory: string;
}

/** An environment to look at. Nothing is asked before a stage asks. */
export function openEnvironment({ name, config, credentials, directory }: EnvironmentOptions): Environment {
  const { branch } = config.git;
  return {
    name,
    config,
    credentials,
    cluster: once(() => openCluster(config, name, credentials)),
    released: once(async () => {
      const remote = await remoteFromEnvironment({ branch, directory });
      await using releases = await Releases.open(remote, name, directory);
      return await releases.read();
    }),
  };
}

/**
 * The API of an environment's cluster, which has answered; undefined where there is no cluster.
 *
 * @throws SlipwayError when it cannot be asked, with what to do
 */
export async function openCluster(
  config: Config,
  environment: string,
  credentials: AwsCredentialProvider,
): Promise<Kubernetes | undefined> {
  const name = clusterName(config, environment);
  try {
    const kubernetes = openKubernetes(await clusterAccess({ name, region: config.aws.region, credentials }));
    await kubernetes.get("/version");
    return kubernetes;
  } catch (error) {
    if (error instanceof SlipwayError && error.reason === "no-cluster") return undefined;
    throw error instanceof KubernetesError ? refusal(error, name, environment) : error;
  }
}

/** What to do where the cluster does not know who asks: whoever made it, its access entries alone say who may look. */
function refusal(error: KubernetesError, cluster: string, environment: string): SlipwayError {
  if (error.reason !== "cluster-refused") return error;
  return new SlipwayError(`The cluster ${cluster} does not let this AWS identity in.`, {
    next: `Name your role or user in slipway.yaml, environments.${environment}.cluster.admins, and push: "aws sts get-caller-identity" shows who you are.`,
    reason: "cluster-refused",
    cause: error,
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** The environment that is looked at, and by whom. */
export interface Environment {
  name: string;
  config: Config;
  credentials: AwsCredentialProvider;
  /**
   * The cluster's API; undefined where there is no cluster. Asked once, however many stages want it.
   *
   * @throws SlipwayError when there is one that cannot be asked, with what to do
   */
  cluster(): Promise<Kubernetes | undefined>;
  /**
   * What the newest commit of the branch wants to run. Asked once.
   *
   * @throws SlipwayError when the repository cannot be read
   */
  released(): Promise<Released>;
}
