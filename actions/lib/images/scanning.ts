import type { ECR, RegistryScanningConfiguration, RegistryScanningRule } from "@aws-sdk/client-ecr";
import { type AwsCredentialProvider, awsFailure } from "../aws/credentials.ts";
import type { Config } from "../config/config.ts";

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

/**
 * The same rules without the one that `rulesWithScan` adds; a rule that has no filter left goes, since ECR takes none
 * without.
 *
 * @returns undefined where the project has no filter of its own
 */
export function rulesWithoutScan(
  found: RegistryScanningConfiguration | undefined,
  project: string,
): RegistryScanningRule[] | undefined {
  const isOurs = ({ filter }: { filter?: string | undefined }) => filter === `${project}/*`;
  const rules = found?.rules ?? [];
  if (!rules.some(({ repositoryFilters = [] }) => repositoryFilters.some(isOurs))) return undefined;
  return rules
    .map((rule) => ({ ...rule, repositoryFilters: rule.repositoryFilters?.filter((each) => !isOurs(each)) }))
    .filter(({ repositoryFilters }) => repositoryFilters?.length !== 0);
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
export function scanOnPush(request: ScanRequest): Promise<void> {
  return asking("Having ECR scan what is pushed", request, (ecr) => addRule(ecr, request));
}

/**
 * Takes the project's filter out of the account's rules again, and leaves those of others as they are.
 *
 * @throws SlipwayError when ECR refuses
 */
export function endScanning(request: Omit<ScanRequest, "confirm">): Promise<void> {
  const { project } = request.config;
  return asking("Taking the project out of ECR's scanning rules", request, async (ecr) => {
    const { scanningConfiguration: found } = await ecr.getRegistryScanningConfiguration({});
    const rules = rulesWithoutScan(found, project);
    if (!rules) return;
    await ecr.putRegistryScanningConfiguration({ scanType: found?.scanType, rules });
    request.log(`ECR has no scanning rule for ${project}/* any more.`);
  });
}

async function asking(
  what: string,
  { config, credentials }: Pick<ScanRequest, "config" | "credentials">,
  work: (ecr: ECR) => Promise<void>,
): Promise<void> {
  const sdk = await import("@aws-sdk/client-ecr");
  const ecr = new sdk.ECR({ region: config.aws.region, credentials, maxAttempts: 5 });
  try {
    await work(ecr);
  } catch (error) {
    throw awsFailure(what, error);
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
