/** Regions of AWS's other partitions, with what people call them: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
const elsewhere: readonly (readonly [region: RegExp, partition: string])[] = [
  [/^cn-/, "China (partition aws-cn)"],
  [/^us-gov-/, "AWS GovCloud (partition aws-us-gov)"],
  [/^[a-z]+-iso[a-z]*-/, "the isolated regions (partitions aws-iso)"],
  [/^eusc-/, "the AWS European Sovereign Cloud (partition aws-eusc)"],
];

/**
 * Why a project cannot be in a region; undefined where it can. ARNs, principals, and addresses of services are those of
 * the partition `aws` everywhere here.
 */
export function problemOfRegion(region: string): string | undefined {
  const found = elsewhere.find(([pattern]) => pattern.test(region));
  if (found)
    return `${region} is in ${found[1]}, where accounts, ARNs and services are apart from the other regions'; use a region of the partition aws, such as us-east-1`;
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) ? undefined : "use an AWS region, such as us-east-1";
}
