/** The processors that an EC2 instance type has, as AWS calls them. */
export type Architecture = "x86_64" | "arm64";

/** Arm families whose names do not say so by a "g" after their generation: Graviton 1, Apple silicon, NVIDIA Grace. */
const otherArm = /^(a1|mac[2-9][a-z0-9-]*|p\d+e?-gb\d+)$/;

/**
 * The architecture of an instance type, from its name: a "g" among the letters after the generation stands for AWS
 * Graviton, as in t4g, c7gn, x2gd, im4gn and g5g; https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 *
 * @param type such as `t3.large`
 */
export function architectureOf(type: string): Architecture {
  const [family = ""] = type.split(".");
  const options = /^[a-z]+\d+([a-z]*)/.exec(family)?.[1] ?? "";
  return options.includes("g") || otherArm.test(family) ? "arm64" : "x86_64";
}
