import type { AwsCredentialProvider } from "../aws.ts";

/** Where to look. */
export interface Scope {
  project: string;
  environment: string;
  /** 12 digits. */
  account: string;
  region: string;
  credentials: AwsCredentialProvider;
  clusterName: string;
  /** The state bucket. */
  bucket: string;
  /** The VPCs that are known to be the environment's, by their tags and by a saved inventory. */
  vpcs: readonly string[];
}
