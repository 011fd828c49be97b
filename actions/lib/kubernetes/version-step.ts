import { type AwsCredentialProvider, awsFailure } from "../aws/credentials.ts";
import { clusterName } from "./cluster.ts";
import { type Config, environmentOf } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { stepProblem } from "./eks-versions.ts";

/** Whose cluster is meant, and who asks. */
export interface VersionQuestion {
  config: Config;
  /** A name under `environments` of slipway.yaml. */
  environment: string;
  credentials: AwsCredentialProvider;
}

/**
 * Refuses what EKS would refuse in the middle of an apply: that a cluster skips a version or goes back. A cluster that is
 * not there yet begins with any version.
 *
 * @throws SlipwayError with reason `version-step`, or as `awsFailure` gives it
 */
export async function refuseVersionJump({ config, environment, credentials }: VersionQuestion): Promise<void> {
  const wanted = environmentOf(config, environment).cluster.version;
  const name = clusterName(config, environment);
  const running = await runningVersion(name, config.aws.region, credentials);
  const problem = running === undefined ? undefined : stepProblem(running, wanted);
  if (!problem) return;
  const message = `The cluster ${name} runs Kubernetes ${running}, slipway.yaml wants ${wanted}: ${problem.why}.`;
  throw new SlipwayError(message, { next: problem.next, reason: "version-step" });
}

async function runningVersion(name: string, region: string, credentials: AwsCredentialProvider) {
  const { EKSClient, DescribeClusterCommand } = await import("@aws-sdk/client-eks");
  const client = new EKSClient({ region, credentials, maxAttempts: 5 });
  try {
    const { cluster } = await client.send(new DescribeClusterCommand({ name }));
    return cluster?.version;
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceNotFoundException") return undefined;
    throw awsFailure(`Looking for the version of the EKS cluster ${name}`, error);
  } finally {
    client.destroy();
  }
}
