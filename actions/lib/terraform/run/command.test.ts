import { expect, test } from "vitest";
import * as command from "./command.ts";

test("init is told where the state is, and nothing secret", () => {
  const location = {
    bucket: "demo-state-000000000000-us-east-1",
    key: "registry/terraform.tfstate",
    region: "us-east-1",
  };
  expect(command.initArguments(location)).toEqual([
    "init",
    "-input=false",
    "-no-color",
    "-backend-config=bucket=demo-state-000000000000-us-east-1",
    "-backend-config=key=registry/terraform.tfstate",
    "-backend-config=region=us-east-1",
  ]);
});

test("a plan is kept, and only that plan is applied", () => {
  const plan = command.planArguments({ variablesFile: "/t/v.json", planFile: "/t/plan" });
  expect(plan).toEqual(expect.arrayContaining(["-detailed-exitcode", "-var-file=/t/v.json", "-out=/t/plan", "-json"]));
  expect(command.applyArguments("/t/plan").at(-1)).toBe("/t/plan");
  expect(command.applyArguments("/t/plan")).not.toContain("-auto-approve");
});

test("Terraform never takes the lock that we hold", () => {
  const lists = [
    command.planArguments({ variablesFile: "v", planFile: "p" }),
    command.applyArguments("p"),
    command.statePushArguments("s"),
  ];
  for (const args of lists) expect(args).toContain("-lock=false");
});
