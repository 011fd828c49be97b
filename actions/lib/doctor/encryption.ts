import { asked } from "./account.ts";
import type { DoctorCheck } from "./finding.ts";

/**
 * The key of disks that name none: those of nodes and of our StorageClass do, one of an app's own may not. Auto Scaling and
 * the CSI driver may not use a customer's key unless its policy lets them.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html
 */
export const ebsEncryption: DoctorCheck = {
  id: "ebs-encryption",
  title: "the key of new disks",
  explains: /InvalidKMSKey|KMSKeyNotAccessible|KMS key/i,
  async look(subject) {
    const { clients } = await subject.account();
    const { GetEbsDefaultKmsKeyIdCommand, GetEbsEncryptionByDefaultCommand } = await import("@aws-sdk/client-ec2");
    const { region } = subject.config.aws;
    const { KmsKeyId: key = "" } = await asked("Asking for the key of new disks", () =>
      clients.ec2.send(new GetEbsDefaultKmsKeyIdCommand({})),
    );
    const { EbsEncryptionByDefault: byDefault } = await asked("Asking whether new disks are encrypted", () =>
      clients.ec2.send(new GetEbsEncryptionByDefaultCommand({})),
    );
    // The account's own key is named by its alias until another is chosen, and by its alias's ARN in some answers.
    if (key === "" || /(^|:)alias\/aws\/ebs$/.test(key))
      return [{ level: "ok", says: `New disks ${byDefault ? "are" : "may be"} encrypted with AWS's own key.` }];
    return [
      {
        level: "advice",
        says: `Disks in ${region} that name no key are encrypted with ${key}, which Auto Scaling and the CSI driver may not use. Ours name AWS's own.`,
        next:
          `Go back to AWS's key (aws ec2 reset-ebs-default-kms-key-id --region ${region}), or let ` +
          "AWSServiceRoleForAutoScaling and the role of the CSI driver use it in its policy.",
      },
    ];
  },
};
