import type { ECR, RegistryScanningConfiguration, RegistryScanningRule } from "@aws-sdk/client-ecr";
import { type AwsCredentialProvider, awsFailure } from "../aws.ts";
import type { Config } from "../config.ts";

/**
 * The scanning rules of an account's registry with one for a project. An account and region have one list, of at most two
 * rules, for all projects, so the project's filter is added to what is there:
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html
 *
 * @param found the configuration as ECR tells it; undefined or empty where nobody has made one
 * @returns undefined where nothing is to be changed: a rule covers the project, or Amazon Inspector scans by the account's
 * own rules
 */
export function rulesWithScan(
  found: RegistryScanningConfiguration | undefined,
  project: string,
): RegistryScanningRule[] | undefined {
  if (found?.scanType === "ENHANCED") return undefined;
  const rules = found?.rules ?? [];
  const onPush = rules.find(({ scanFrequency }) => scanFrequency === "SCAN_ON_PUSH");
  const filters = onPush?.repositoryFilters ?? [];
  if (filters.some(({ filter = "" }) => covers(filter, project))) return undefined;
  const ours = { filter: `${project}/*`, filterType: "WILDCARD" } as const;
  const rule: RegistryScanningRule = { scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [...filters, ours] };
  return [...rules.filter((each) => each !== onPush), rule];
}

/** Whether a filter matches every repository of a project. A filter without a wildcard matches all names that contain it. */
function covers(filter: string, project: string): boolean {
  return ["*", `${project}/*`, `${project}*`, project].includes(filter);
}

/** Whose images are to be scanned, and who is asked. */
export interface ScanRequest {
  config: Config;
  /** An administrator's: the rules belong to the account, and no role of the pipeline may change them. */
  credentials: AwsCredentialProvider;
  confirm: (question: string) => Promise<boolean>;
  log: (line: string) => void;
}

/**
 * Has ECR scan what is pushed for the project, and leaves the rules of others as they are.
 *
 * @throws SlipwayError when ECR refuses
 */
export async function scanOnPush(request: ScanRequest): Promise<void> {
  const { config, credentials } = request;
  const sdk = await import("@aws-sdk/client-ecr");
  const ecr = new sdk.ECR({ region: config.aws.region, credentials, maxAttempts: 5 });
  try {
    await addRule(ecr, request);
  } catch (error) {
    throw awsFailure("Having ECR scan what is pushed", error);
  } finally {
    ecr.destroy();
  }
}

async function addRule(ecr: ECR, { config, confirm, log }: ScanRequest): Promise<void> {
  const { project } = config;
  const { scanningConfiguration: found } = await ecr.getRegistryScanningConfiguration({});
  if (found?.scanType === "ENHANCED") log("Amazon Inspector scans this registry, by the account's own rules.");
  const rules = rulesWithScan(found, project);
  if (!rules) return;
  if (!(await confirm(`Have ECR scan each image that is pushed to ${project}/*? Rules of others stay.`))) return;
  await ecr.putRegistryScanningConfiguration({ scanType: "BASIC", rules });
  log(`ECR scans what is pushed to ${project}/*.`);
}
