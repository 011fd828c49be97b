import type { EmulatorPatch } from "./patch.ts";

const idOf = /<launchTemplateId>(lt-[0-9a-f]+)<\/launchTemplateId>/;
const numberOf = /<(?:latestVersionNumber|versionNumber)>(\d+)</;

/**
 * A launch template tells the keys of its disks as it was given them; the emulator forgets them.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateEbsBlockDevice.html
 */
export function launchTemplateKeys(): EmulatorPatch {
  /** The key of the first disk, by template and version. */
  const keys = new Map<string, string>();
  const nameOf = (text: string) => `${idOf.exec(text)?.[1] ?? "?"}:${numberOf.exec(text)?.[1] ?? "?"}`;
  return {
    name: "ec2-launch-template-keys",
    operations: ["CreateLaunchTemplate", "CreateLaunchTemplateVersion", "DescribeLaunchTemplateVersions"].map(
      (action) => `ec2:${action}`,
    ),
    rewrite({ operation, answer, body: asked }) {
      if (answer.status >= 300) return undefined;
      const body = answer.body.toString();
      if (operation.action !== "DescribeLaunchTemplateVersions") {
        const key = new URLSearchParams(asked).get("LaunchTemplateData.BlockDeviceMapping.1.Ebs.KmsKeyId");
        if (key) keys.set(nameOf(body), key);
        return undefined;
      }
      const parts = body.split(/(?=<launchTemplateId>)/).map((part) => {
        const key = keys.get(nameOf(part));
        return key ? part.replace("<ebs>", `<ebs><kmsKeyId>${key}</kmsKeyId>`) : part;
      });
      return { ...answer, body: parts.join("") };
    },
  };
}
