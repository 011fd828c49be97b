/** The Terraform that is installed where none is found, and the versions that are taken as they are. */
export const terraformVersion = {
  /** Installed where PATH has none that fits; the version that every test runs. */
  pinned: "1.11.4",
  /** The lowest version that serves: S3 state locking without a table is stable from here. */
  minimum: "1.11.0",
  /** The first version that does not serve any more. */
  below: "2.0.0",
} as const;

/** SHA-256 of each platform's release archive, as https://releases.hashicorp.com/terraform/1.11.4/ lists them. */
export const pinnedChecksums: Readonly<Record<string, string>> = {
  linux_amd64: "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
  linux_arm64: "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
  darwin_amd64: "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
  darwin_arm64: "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
};

/** Whether a version such as `1.11.4` is one that is taken as it is; a pre-release is not. */
export function serves(version: string): boolean {
  const found = parts(version);
  return (
    found !== undefined &&
    compare(found, parts(terraformVersion.minimum) ?? []) >= 0 &&
    compare(found, parts(terraformVersion.below) ?? []) < 0
  );
}

function parts(version: string): number[] | undefined {
  return /^\d+\.\d+\.\d+$/.test(version) ? version.split(".").map(Number) : undefined;
}

function compare(a: number[], b: number[]): number {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}
