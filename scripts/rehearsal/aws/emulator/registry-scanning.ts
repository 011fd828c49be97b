import type { Fields, EmulatorPatch } from "./patch.ts";

/**
 * The scanning rules of the account's registry, which the emulator knows nothing of; here they are only kept.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutRegistryScanningConfiguration.html
 */
export function registryScanning(): EmulatorPatch {
  let configuration: Fields = { scanType: "BASIC", rules: [] };
  const answerWith = (body: Fields) => ({
    status: 200,
    headers: { "content-type": "application/x-amz-json-1.1" },
    body: JSON.stringify(body),
  });
  return {
    name: "ecr-registry-scanning",
    operations: ["ecr:GetRegistryScanningConfiguration", "ecr:PutRegistryScanningConfiguration"],
    answer({ operation, body }) {
      if (operation.action.startsWith("Get"))
        return Promise.resolve(answerWith({ registryId: "000000000000", scanningConfiguration: configuration }));
      configuration = JSON.parse(body) as Fields;
      return Promise.resolve(answerWith({ registryScanningConfiguration: configuration }));
    },
  };
}
