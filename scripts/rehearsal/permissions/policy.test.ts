import { expect, it } from "vitest";
import { everythingNeeded, type Placed, refused, unneeded } from "./policy.ts";
import { parseLine } from "./record.ts";

const statement = (Sid: string, Action: string[], Resource = "*", Condition = {}): Placed => ({
  role: "apply-ENVIRONMENT",
  policy: "network",
  statement: { Sid, Effect: "Allow", Action, Resource, Condition },
});
const line = (text: string) => parseLine(`apply-ENVIRONMENT ${text}`);
const subnet = "arn:aws:ec2:REGION:ACCOUNT:subnet/*";
const tagged = "aws:RequestTag/slipway:project=PROJECT";

it("names a call that no statement of its own role allows, with what the request says", () => {
  const wanted = { StringEquals: { "aws:RequestTag/slipway:project": "PROJECT" } };
  const make = statement("Make", ["ec2:CreateSubnet"], subnet, wanted);
  expect(refused([make], [line(`ec2:CreateSubnet ${subnet} ${tagged}`)])).toEqual([]);
  expect(refused([make], [line(`ec2:CreateSubnet ${subnet}`)])).toEqual([
    `apply-ENVIRONMENT ec2:CreateSubnet ${subnet}`,
  ]);
  expect(refused([{ ...make, role: "plan" }], [line(`ec2:CreateSubnet ${subnet} ${tagged}`)])).toHaveLength(1);
});

it("asks for the dependent actions of the reference too, and says of which call they are", async () => {
  const needed = await everythingNeeded([line(`ec2:CreateSubnet ${subnet} ${tagged}`)]);
  expect(needed.map(({ action, context }) => [action, context["ec2:CreateAction"]])).toEqual([
    ["ec2:CreateSubnet", undefined],
    ["ec2:CreateTags", "CreateSubnet"],
  ]);
  expect(refused([statement("Make", ["ec2:CreateSubnet"])], needed)).toEqual([
    expect.stringMatching(/ec2:CreateTags .*subnet\/\* .*ec2:CreateAction=CreateSubnet \(ec2:CreateSubnet, https:/),
  ]);
});

it("asks for what AWS does in the caller's name, which no reference has", async () => {
  const needed = await everythingNeeded([
    line("eks:CreateNodegroup arn:aws:eks:REGION:ACCOUNT:cluster/PROJECT-ENVIRONMENT"),
  ]);
  const asked = needed.map(({ action, resource }) => `${action} ${resource.split("/").at(-1)}`);
  expect(asked).toEqual(
    expect.arrayContaining([
      "iam:GetRole AWSServiceRoleForAmazonEKSNodegroup",
      "iam:PassRole PROJECT-ENVIRONMENT.node",
      "iam:CreateServiceLinkedRole AWSServiceRoleForAutoScaling",
      "ec2:RunInstances *",
      "ec2:CreateTags *",
    ]),
  );
});

it("names each action of a statement that nothing needs, with its role, policy and Sid", () => {
  const all = [
    statement("Read", ["ec2:Describe*", "eks:List*"]),
    statement("Change", ["ec2:CreateSubnet", "ec2:DeleteVpc"]),
  ];
  const needed = [line("ec2:DescribeVpcs *"), line(`ec2:CreateSubnet ${subnet}`)];
  expect(unneeded(all, needed)).toEqual([
    "apply-ENVIRONMENT network/Read eks:List*",
    "apply-ENVIRONMENT network/Change ec2:DeleteVpc",
  ]);
});
