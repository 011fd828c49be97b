import type { AwsCredentialProvider } from "../aws/credentials.ts";

/** Where to look. */
export interface Scope {
  project: string;
  environment: string;
  /** 12 digits. */
  account: string;
  region: string;
  credentials: AwsCredentialProvider;
  clusterName: string;
  /** What the apps' names end in, and the zone that they are in; both absent without a domain. */
  domain?: string | undefined;
  zone?: string | undefined;
  /** The state bucket. */
  bucket: string;
  /** The VPCs that are known to be the environment's, by their tags and by a saved inventory. */
  vpcs: readonly string[];
}
