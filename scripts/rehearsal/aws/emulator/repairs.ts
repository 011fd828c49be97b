import { accountFacts, type AccountFacts, usualAccount } from "../facts/account-facts.ts";
import { classicLoadBalancers } from "./classic-load-balancers.ts";
import { eksRepairs } from "./eks-repairs.ts";
import { ecrPages, listingRepairs } from "./listing-repairs.ts";
import { launchTemplateKeys } from "./launch-template-keys.ts";
import { logGroupKeys } from "./log-keys.ts";
import { loadBalancerRepairs } from "./load-balancer-repairs.ts";
import { Day } from "../fidelity/day.ts";
import { fidelityRepairs } from "../fidelity/fidelity.ts";
import { type DrainNodes, nodeDrainRepair } from "../node-drain.ts";
import { networkInterfaceRepairs } from "./network-interface-repairs.ts";
import { NetworkInterfaces } from "./network-interfaces.ts";
import { type OuterCluster, outerClusterRepair } from "../outer-cluster.ts";
import { pendingSnapshots } from "./pending-snapshots.ts";
import type { RegistryLogin } from "../registry-login.ts";
import { registryScanning } from "./registry-scanning.ts";
import { taggingRepairs } from "./tagging-repairs.ts";
import { type Fields, mendJson, type Repair } from "./repair.ts";

/**
 * All repairs, with a memory of their own.
 *
 * @param upstream the emulator's address
 * @param outer the cluster that runs elsewhere, where there is one
 * @param drain empties the nodes of a node group that is to go, where it has any
 * @param facts what the account is; one in which everything fits when left out
 * @param day whether AWS has a bad day; a usual one when left out
 */
export function createRepairs(
  login: RegistryLogin,
  upstream: string,
  outer?: OuterCluster,
  drain?: DrainNodes,
  facts: AccountFacts = usualAccount(),
  day: Day = new Day(),
): readonly Repair[] {
  const interfaces = new NetworkInterfaces(upstream);
  return [
    ...accountFacts(facts),
    ...fidelityRepairs(upstream, interfaces, facts, day),
    registryLoginRepair(login),
    registryScanning(),
    logGroupKeys(),
    launchTemplateKeys(),
    ecrPages(), // before what looks at every image of an answer
    imageSizeRepair(upstream),
    ...eksRepairs(),
    ...(drain ? [nodeDrainRepair(upstream, drain)] : []),
    classicLoadBalancers(interfaces),
    ...(outer ? [outerClusterRepair(outer)] : []),
    ...loadBalancerRepairs(upstream, interfaces),
    ...networkInterfaceRepairs(interfaces),
    pendingSnapshots(),
    ...taggingRepairs(upstream, interfaces),
    ...listingRepairs(), // after what leaves things out
  ];
}

/**
 * AWS gives the address of the account's registry and a token that the registry asks for. The emulator gives an
 * address that leads to AWS, and its registry asks for nothing.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html
 */
function registryLoginRepair(login: RegistryLogin): Repair {
  return {
    name: "ecr-registry-login",
    operations: ["ecr:GetAuthorizationToken"],
    patch: ({ answer }) =>
      mendJson(answer, (body) => ({
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
interface Manifest {
  config?: { size: number };
  layers?: { size: number }[];
}

/**
 * AWS gives the size of an image's compressed layers; the emulator that of its manifest.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
 */
function imageSizeRepair(upstream: string): Repair {
  const sizeOf = async ({ repositoryName, imageDigest, imageSizeInBytes }: Fields) => {
    const answer = await fetch(`${upstream}/v2/${String(repositoryName)}/manifests/${String(imageDigest)}`);
    const { config, layers } = answer.ok ? ((await answer.json()) as Manifest) : {};
    return layers ? layers.reduce((sum, layer) => sum + layer.size, config?.size ?? 0) : imageSizeInBytes;
  };
  return {
    name: "ecr-image-size",
    operations: ["ecr:DescribeImages"],
    async patch({ answer }) {
      if (answer.status >= 300) return undefined;
      const { imageDetails = [] } = JSON.parse(answer.body.toString()) as { imageDetails?: Fields[] };
      const sizes = await Promise.all(imageDetails.map(sizeOf));
      return mendJson(answer, (body) => ({
        ...body,
        imageDetails: imageDetails.map((detail, index) => ({ ...detail, imageSizeInBytes: sizes[index] })),
      }));
    },
  };
}
