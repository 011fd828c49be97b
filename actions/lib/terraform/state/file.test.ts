import { expect, it } from "vitest";
import { holdsState, parseState } from "./file.ts";

const scope = { account: "000000000000", region: "us-east-1" };
const made = (more: object, ...attributes: object[]) => ({
  mode: "managed",
  type: "aws_vpc",
  name: "this",
  instances: attributes.map((each) => ({ attributes: each })),
  ...more,
});

it("lists what Terraform made, by the addresses that it gives", () => {
  const instances = [
    { index_key: "us-east-1a", attributes: { id: "nat-1" } },
    { index_key: 0, attributes: null },
  ];
  const text = JSON.stringify({
    version: 4,
    resources: [
      made({ module: "module.network" }, { arn: "arn:aws:ec2:us-east-1:000000000000:vpc/vpc-1", id: "vpc-1" }),
      made({ module: "module.network", type: "aws_nat_gateway", instances }),
      made({ mode: "data", type: "aws_availability_zones" }, { id: "us-east-1" }),
      made({ type: "aws_iam_role_policy_attachment" }, { policy_arn: "arn:aws:iam::aws:policy/X" }),
      made({ type: "aws_eip" }),
    ],
  });
  expect(parseState(text, "a.tfstate", scope)).toEqual([
    { address: "module.network.aws_vpc.this", arn: "arn:aws:ec2:us-east-1:000000000000:vpc/vpc-1" },
    {
      address: 'module.network.aws_nat_gateway.this["us-east-1a"]',
      arn: "arn:aws:ec2:us-east-1:000000000000:natgateway/nat-1",
    },
    { address: "module.network.aws_nat_gateway.this[0]" },
    { address: "aws_iam_role_policy_attachment.this" },
  ]);
});

it("takes an empty state for nothing, and reports invalid text as an error", () => {
  expect(parseState('{"version":4,"resources":[]}', "a.tfstate", scope)).toEqual([]);
  for (const text of ["", "[]", '{"version":4}', '{"resources":{}}', "<html>"])
    expect(() => parseState(text, "a.tfstate", scope)).toThrow("a.tfstate is not a state that Terraform writes.");
});

it("is in the bucket when resources and outputs are, whatever its serial and lineage", () => {
  const state = { version: 4, serial: 3, lineage: "a", resources: [{ type: "aws_vpc" }], outputs: {} };
  const text = (more = {}) => JSON.stringify({ ...state, ...more });
  expect(holdsState(text({ serial: 4, lineage: "b" }), text())).toBe(true);
  for (const stored of [undefined, "{", "null", text({ resources: [] }), text({ outputs: { a: 1 } })])
    expect(holdsState(stored, text())).toBe(false);
});
