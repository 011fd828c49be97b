import { splitItems } from "../emulator/listing-patches.ts";
import type { AwsResponse } from "../proxy/aws-errors.ts";
import type { Exchange, EmulatorPatch } from "../emulator/patch.ts";
import type { AwsDay } from "./day.ts";

/** For so long after its first use nobody finds what has just been made, in milliseconds. */
const lag = 2_000;
/** What is older than this has spread, in milliseconds. */
const spread = 60_000;

/**
 * What EC2 says of an id that it does not find, by the operation that makes it: its element in the answer, and the code.
 * Terraform's provider waits for all of them but launch templates, so that of these the first one alone is not found.
 */
const made: Readonly<Record<string, { element: string; code: string; once?: true }>> = {
  AllocateAddress: { element: "allocationId", code: "InvalidAllocationID.NotFound" },
  CreateInternetGateway: { element: "internetGatewayId", code: "InvalidInternetGatewayID.NotFound" },
  CreateLaunchTemplate: { element: "launchTemplateId", code: "InvalidLaunchTemplateId.NotFound", once: true },
  CreateNatGateway: { element: "natGatewayId", code: "NatGatewayNotFound" },
  CreateRouteTable: { element: "routeTableId", code: "InvalidRouteTableID.NotFound" },
  CreateSecurityGroup: { element: "groupId", code: "InvalidGroup.NotFound" },
  CreateSubnet: { element: "subnetId", code: "InvalidSubnetID.NotFound" },
  CreateVpc: { element: "vpcId", code: "InvalidVpcID.NotFound" },
};

/**
 * What EC2 has just made is not found for a moment, wherever it is named; and a new snapshot is in no list.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export function freshResources(day: AwsDay): readonly EmulatorPatch[] {
  /** When each id was made and first asked for, and what is said of it until it is found. */
  const fresh = new Map<string, { code: string; made: number; used?: number }>();
  const snapshots = new Map<string, number>();
  const played = new Set<string>();
  return [
    {
      name: "ec2-fresh-resources",
      operations: ["ec2:*"],
      refuse(request) {
        for (const id of new URLSearchParams(request.body).values()) {
          const known = fresh.get(id);
          if (!known) continue;
          const now = Date.now();
          known.used ??= now;
          if (now > known.used + lag || now > known.made + spread) {
            fresh.delete(id);
            continue;
          }
          day.hit("fresh-resource", request);
          return Promise.resolve({ code: known.code, message: `The ID '${id}' does not exist`, status: 400 });
        }
        return Promise.resolve(undefined);
      },
      rewrite({ operation, answer }) {
        const { element, code = "", once } = made[operation.action] ?? {};
        if (!element || answer.status >= 300 || (once && played.has(element))) return undefined;
        played.add(element);
        const id = new RegExp(`<${element}>([^<]+)<`).exec(answer.body.toString())?.[1];
        if (id) fresh.set(id, { code, made: Date.now() });
        return undefined;
      },
    },
    {
      name: "ec2-fresh-snapshots",
      operations: ["ec2:CreateSnapshot", "ec2:DescribeSnapshots"],
      rewrite(exchange) {
        if (exchange.answer.status >= 300) return undefined;
        if (exchange.operation.action === "DescribeSnapshots") return withoutFresh(exchange, snapshots, day);
        const id = snapshotOf(exchange.answer.body.toString());
        if (id) snapshots.set(id, Date.now());
        return undefined;
      },
    },
  ];
}

const snapshotOf = (text: string) => /<snapshotId>([^<]+)</.exec(text)?.[1];

function withoutFresh(exchange: Exchange, snapshots: ReadonlyMap<string, number>, day: AwsDay): AwsResponse {
  const { head, items, tail } = splitItems(exchange.answer.body.toString());
  const old = items.filter((item) => (snapshots.get(snapshotOf(item) ?? "") ?? 0) + lag < Date.now());
  if (old.length < items.length) day.hit("fresh-resource", exchange);
  return { ...exchange.answer, body: [head, ...old, tail].join("") };
}
