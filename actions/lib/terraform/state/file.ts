import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { SlipwayError } from "../../core/errors.ts";

/** The fields of a state that tell what it holds; https://developer.hashicorp.com/terraform/internals/json-format has the same names. */
const stateFile = z.object({
  resources: z.array(
    z.object({
      mode: z.string(),
      type: z.string(),
      name: z.string(),
      module: z.string().optional(),
      instances: z.array(
        z.object({
          index_key: z.union([z.string(), z.number()]).optional(),
          attributes: z.record(z.string(), z.unknown()).nullish(),
        }),
      ),
    }),
  ),
});

/** One thing that Terraform made and has not destroyed. */
export interface StateResource {
  /** As in `terraform state list`. */
  address: string;
  /** Its ARN, where the provider writes one down. */
  arn?: string;
}

/** Resources of which the AWS provider 5 keeps the id but no ARN, with what EC2's ARNs say of them. */
const withoutArn: Readonly<Record<string, string>> = { aws_nat_gateway: "natgateway" };

/**
 * What a state holds, data sources left out.
 *
 * @param text a state file
 * @param path only named in errors
 * @throws SlipwayError when it is not a state
 */
export function parseState(text: string, path: string, scope: { account: string; region: string }): StateResource[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = stateFile.safeParse(json);
  if (!parsed.success)
    throw new SlipwayError(`${path} is not a state that Terraform writes.`, {
      next: "Look at the object's earlier versions in the state bucket.",
      reason: "state-unreadable",
    });
  return parsed.data.resources
    .filter(({ mode }) => mode === "managed")
    .flatMap(({ module, type, name, instances }) =>
      instances.map(({ index_key: index, attributes }) => {
        const at = index === undefined ? "" : `[${JSON.stringify(index)}]`;
        const { arn, id } = attributes ?? {};
        const ec2 = withoutArn[type];
        const made =
          ec2 && typeof id === "string" ? `arn:aws:ec2:${scope.region}:${scope.account}:${ec2}/${id}` : undefined;
        const found = typeof arn === "string" && arn.startsWith("arn:") ? arn : made;
        return { address: [module, `${type}.${name}${at}`].filter(Boolean).join("."), ...(found && { arn: found }) };
      }),
    );
}

/**
 * Whether a stored state is the one in a file: the same resources and outputs. A push may count the serial on, and gives
 * a state that is the first at its place a lineage of its own.
 */
export function holdsState(stored: string | undefined, file: string): boolean {
  try {
    const [a, b] = [stored ?? "null", file].map((text) => JSON.parse(text) as Record<string, unknown> | null);
    const parts = ["resources", "outputs"];
    return parts.every((part) => a?.[part] !== undefined && isDeepStrictEqual(a[part], b?.[part]));
  } catch {
    return false;
  }
}
