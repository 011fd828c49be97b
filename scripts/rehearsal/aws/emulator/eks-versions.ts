import { eksVersions, stepProblem } from "../../../../actions/lib/kubernetes/eks-versions.ts";
import type { AwsError } from "../proxy/aws-errors.ts";
import type { EmulatorPatch } from "./patch.ts";

/**
 * EKS refuses to go down, and to go up by more than one minor version.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterVersion.html
 *
 * @param running the cluster's version as far as the proxy has seen it
 * @returns AWS's refusal; undefined for what it does
 */
export function refuseStep(running: unknown, wanted: unknown): AwsError | undefined {
  if (typeof running !== "string" || typeof wanted !== "string" || !stepProblem(running, wanted)) return undefined;
  const message = `Unsupported Kubernetes minor version update from ${running} to ${wanted}`;
  return { code: "InvalidParameterException", message, status: 400 };
}

/**
 * EKS lists the versions of an add-on that a Kubernetes version takes, the newest first. The emulator has no such list;
 * that it says so, and not that the caller may not, shows that the request is allowed. The numbers follow Kubernetes'
 * here, and are not AWS's: what matters is that each Kubernetes has its own, and that the default is not the newest.
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeAddonVersions.html
 */
export function addonVersions(): EmulatorPatch {
  return {
    name: "eks-addon-versions",
    operations: ["eks:DescribeAddonVersions"],
    rewrite({ url, answer }) {
      if (!answer.body.toString().includes("No route for")) return undefined;
      const asked = new URL(url, "http://localhost").searchParams;
      const [addonName, clusterVersion] = [asked.get("addonName"), asked.get("kubernetesVersion")];
      const known = addonName !== null && eksVersions.some(({ version }) => version === clusterVersion);
      const versions = [2, 1].map((build) => ({
        addonVersion: `v${clusterVersion}.0-eksbuild.${build}`,
        compatibilities: [{ clusterVersion, platformVersions: ["*"], defaultVersion: build === 1 }],
      }));
      const addons = known ? [{ addonName, addonVersions: versions }] : [];
      return {
        status: 200,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ addons }),
      };
    },
  };
}
