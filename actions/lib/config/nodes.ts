import * as z from "zod";
import { architectureOf } from "./instance-types.ts";

/** The processors that nodes may have, as Kubernetes, Docker and Go call them. */
export const architectures = ["amd64", "arm64"] as const;
/** One of them. */
export type NodeArchitecture = (typeof architectures)[number];

/** What EC2 calls the same processor, and a type that is there in every region. */
const machines = {
  amd64: { processor: "x86_64", type: "t3.large" },
  arm64: { processor: "arm64", type: "t4g.large" },
} as const satisfies Record<NodeArchitecture, { processor: ReturnType<typeof architectureOf>; type: string }>;

const types = z
  .array(z.string().regex(/^[a-z0-9-]+\.[a-z0-9]+$/, "use an EC2 instance type, such as t3.large"))
  .min(1)
  .optional()
  .describe(
    "EC2 instance types of the node group, all of the architecture; several widen the choice of capacity. " +
      `${machines.amd64.type}, or ${machines.arm64.type} for arm64, when left out.`,
  );

const sizes = (least: number) => ({
  min: z.int().min(least).max(100).default(1),
  desired: z.int().min(least).max(100).default(2).describe("How many nodes a new environment starts with."),
  max: z.int().min(1).max(100).default(3),
});

const inOrder = (value: { min: number; desired: number; max: number }) =>
  value.min <= value.desired && value.desired <= value.max;
const outOfOrder = { error: "must hold min <= desired <= max" };

/** What `environments.<name>.cluster.nodes` of slipway.yaml may say. */
export const nodesSchema = z
  .strictObject({
    types,
    architecture: z
      .enum(architectures)
      .default("amd64")
      .describe("The nodes' processors. Images are built for it, once for all environments, so all have the same."),
    capacity: z
      .enum(["on-demand", "spot"])
      .default("on-demand")
      .describe("Spot is cheaper, and AWS may take a node back with two minutes' notice."),
    ...sizes(1),
    spot: z
      .strictObject({ types, ...sizes(0) })
      .refine(inOrder, outOfOrder)
      .optional()
      .describe("A second node group, of spot capacity, next to one on demand."),
  })
  .refine(inOrder, outOfOrder)
  .superRefine(({ architecture, capacity, spot, ...first }, context) => {
    const report = (path: string[], message: string) => {
      context.addIssue({ code: "custom", path, message });
    };
    for (const [path, group] of [[["types"], first.types] as const, [["spot", "types"], spot?.types] as const]) {
      const others = (group ?? []).filter((type) => architectureOf(type) !== machines[architecture].processor);
      if (others.length > 0) report([...path], otherProcessor(others, architecture));
    }
    if (spot && capacity === "spot")
      report(
        ["spot"],
        "the node group next to it is spot capacity already; make that one on-demand, or leave this out",
      );
  })
  .transform(({ types: given, spot, ...rest }) => {
    const found = given ?? [machines[rest.architecture].type];
    return { ...rest, types: found, ...(spot && { spot: { ...spot, types: spot.types ?? found } }) };
  });

function otherProcessor(types: readonly string[], architecture: NodeArchitecture): string {
  const [other, processor] = architecture === "amd64" ? (["arm64", "an Arm"] as const) : (["amd64", "an x86"] as const);
  return (
    `${types.join(", ")} has ${processor} processor, but nodes.architecture is ${architecture}; ` +
    `use types such as ${machines[architecture].type}, or say architecture: ${other}`
  );
}

/** The nodes of an environment, with defaults filled in. */
export type Nodes = z.infer<typeof nodesSchema>;

/** A group of nodes that are alike. */
export interface NodeGroup {
  types: string[];
  capacity: "on-demand" | "spot";
  min: number;
  desired: number;
  max: number;
}

/** The node groups of an environment, by name. */
export function nodeGroups({ types, capacity, min, desired, max, spot }: Nodes): Record<string, NodeGroup> {
  return {
    default: { types, capacity, min, desired, max },
    ...(spot && { spot: { ...spot, capacity: "spot" } }),
  };
}
