/** The Terraform that is installed where none is found, and the versions that are taken as they are. */
export const terraformVersion = {
  /** Installed where PATH has none that fits. */
  pinned: "1.11.4",
  /** The lowest version that serves: S3 state locking without a table is stable from here. */
  minimum: "1.11.0",
  /** The first version that does not serve any more. */
  below: "2.0.0",
} as const;
