import { accountFacts, type AccountFacts, usualAccount } from "../facts/account-facts.ts";
import { classicLoadBalancers } from "./classic-load-balancers.ts";
import { eksPatches } from "./eks-patches.ts";
import { ecrPages, listingPatches } from "./listing-patches.ts";
import { launchTemplateKeys } from "./launch-template-keys.ts";
import { logGroupKeys } from "./log-keys.ts";
import { loadBalancerPatches } from "./load-balancer-patches.ts";
import { AwsDay } from "../fidelity/day.ts";
import { fidelityPatches } from "../fidelity/fidelity.ts";
import { type DrainNodes, nodeDrainPatch } from "../node-drain.ts";
import { networkInterfacePatches } from "./network-interface-patches.ts";
import { NetworkInterfaces } from "./network-interfaces.ts";
import { type OuterCluster, outerClusterPatch } from "../outer-cluster.ts";
import { pendingSnapshots } from "./pending-snapshots.ts";
import type { RegistryLogin } from "../registry-login.ts";
import { registryScanning } from "./registry-scanning.ts";
import { taggingPatches } from "./tagging-patches.ts";
import { type Fields, patchJson, type EmulatorPatch } from "./patch.ts";

/**
 * All patches, with a memory of their own.
 *
 * @param upstream the emulator's address
 * @param outer the cluster that runs elsewhere, where there is one
 * @param drain empties the nodes of a node group that is to go, where it has any
 * @param facts what the account is; one in which everything fits when left out
 * @param day whether AWS has a bad day; a usual one when left out
 */
export function createPatches(
  login: RegistryLogin,
  upstream: string,
  outer?: OuterCluster,
  drain?: DrainNodes,
  facts: AccountFacts = usualAccount(),
  day: AwsDay = new AwsDay(),
): readonly EmulatorPatch[] {
  const interfaces = new NetworkInterfaces(upstream);
  return [
    ...accountFacts(facts),
    ...fidelityPatches(upstream, interfaces, facts, day),
    registryLoginPatch(login),
    registryScanning(),
    logGroupKeys(),
    launchTemplateKeys(),
    ecrPages(), // before what looks at every image of an answer
    imageSizePatch(upstream),
    ...eksPatches(),
    ...(drain ? [nodeDrainPatch(upstream, drain)] : []),
    classicLoadBalancers(interfaces),
    ...(outer ? [outerClusterPatch(outer)] : []),
    ...loadBalancerPatches(upstream, interfaces),
    ...networkInterfacePatches(interfaces),
    pendingSnapshots(),
    ...taggingPatches(upstream, interfaces),
    ...listingPatches(), // after what leaves things out
  ];
}

/**
 * AWS gives the address of the account's registry and a token that the registry asks for. The emulator gives an
 * address that leads to AWS, and its registry asks for nothing.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html
 */
function registryLoginPatch(login: RegistryLogin): EmulatorPatch {
  return {
    name: "ecr-registry-login",
    operations: ["ecr:GetAuthorizationToken"],
    rewrite: ({ answer }) =>
      patchJson(answer, (body) => ({
        ...body,
        authorizationData: (body.authorizationData as object[]).map((data) => ({
          ...data,
          authorizationToken: login.issue(),
          proxyEndpoint: login.endpoint,
        })),
      })),
  };
}

/** What the sizes are read from. */
interface ImageManifest {
  config?: { size: number };
  layers?: { size: number }[];
}

/**
 * AWS gives the size of an image's compressed layers; the emulator that of its manifest.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
 */
function imageSizePatch(upstream: string): EmulatorPatch {
  const sizeOf = async ({ repositoryName, imageDigest, imageSizeInBytes }: Fields) => {
    const answer = await fetch(`${upstream}/v2/${String(repositoryName)}/manifests/${String(imageDigest)}`);
    const { config, layers } = answer.ok ? ((await answer.json()) as ImageManifest) : {};
    return layers ? layers.reduce((sum, layer) => sum + layer.size, config?.size ?? 0) : imageSizeInBytes;
  };
  return {
    name: "ecr-image-size",
    operations: ["ecr:DescribeImages"],
    async rewrite({ answer }) {
      if (answer.status >= 300) return undefined;
      const { imageDetails = [] } = JSON.parse(answer.body.toString()) as { imageDetails?: Fields[] };
      const sizes = await Promise.all(imageDetails.map(sizeOf));
      return patchJson(answer, (body) => ({
        ...body,
        imageDetails: imageDetails.map((detail, index) => ({ ...detail, imageSizeInBytes: sizes[index] })),
      }));
    },
  };
}
