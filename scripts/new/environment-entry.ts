import { type Config, parseConfig } from "../../actions/lib/config/config.ts";
import { overlap } from "../../actions/lib/config/networks.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { copyYaml, removeYaml, setYaml } from "../environment/yaml-text.ts";

/** What an environment does not get from the one that it is like: a name of its own, and an end of its own. */
const notCopied = ["domain", "zone", "lease"] as const;

/** slipway.yaml with an environment more. */
export interface NewEntry {
  text: string;
  config: Config;
  /** The keys of the other environment that the new one has not. */
  leftOut: string[];
}

/**
 * slipway.yaml with an entry for a new environment, as that of another one, with a network of its own.
 *
 * @param text slipway.yaml
 * @param name the new environment
 * @param like an environment of `config`
 * @throws SlipwayError when the settings allow no such name
 */
export function addEntry(text: string, config: Config, name: string, like: string): NewEntry {
  const path = (key: string) => ["environments", name, key];
  const leftOut = notCopied.filter((key) => config.environments[like]?.[key] !== undefined);
  let edited = copyYaml(text, ["environments", like], name);
  for (const key of leftOut) edited = removeYaml(edited, path(key));
  edited = setYaml(edited, [...path("network"), "cidr"], freeNetwork(config, like));
  const read = parseConfig(edited);
  // A name that JavaScript gives a meaning of its own is in no map.
  if (!Object.hasOwn(read.environments, name))
    throw new SlipwayError(`"${name}" is not a name for an environment. Nothing was written.`, {
      next: "Use lower-case letters, digits and single hyphens, starting with a letter.",
    });
  return { text: edited, config: read, leftOut };
}

/**
 * The first network of the same size that overlaps none of the environments'. AWS gives a cluster's Services addresses of
 * 10.100.0.0/16 or 172.20.0.0/16: https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
 */
function freeNetwork({ environments }: Config, like: string): string {
  const taken = [...Object.values(environments).map(({ network }) => network.cidr), "10.100.0.0/16", "172.20.0.0/16"];
  const bits = Math.max(16, Number(environments[like]?.network.cidr.split("/")[1]));
  const candidates = [
    ...Array.from({ length: 256 }, (_, index) => `10.${index}.0.0/${bits}`),
    ...Array.from({ length: 16 }, (_, index) => `172.${16 + index}.0.0/${bits}`),
  ];
  const free = candidates.find((candidate) => !taken.some((each) => overlap(each, candidate)));
  if (!free)
    throw new SlipwayError("No private network is free for another environment. Nothing was written.", {
      next: "Give the environments in slipway.yaml smaller networks.",
    });
  return free;
}
