import { afterAll, beforeAll, expect, test } from "vitest";
import { allChecks } from "./doctor.ts";
import { examineWorld, healthyWorld, startParts } from "./test-doctor.ts";
import { accountFaults } from "./test-faults-account.ts";
import { gitHubFaults } from "./test-faults-github.ts";
import { machineFaults } from "./test-faults-machine.ts";
import { repositoryFaults } from "./test-faults-repository.ts";

const parts = new AsyncDisposableStack();
let shared: Awaited<ReturnType<typeof startParts>>;
beforeAll(async () => {
  shared = await startParts(parts);
});
afterAll(() => parts.disposeAsync());

const faults = [...machineFaults, ...repositoryFaults, ...gitHubFaults, ...accountFaults];

test("nothing is wrong with a healthy machine, repository and account", async () => {
  await using world = await healthyWorld(shared);
  const findings = await examineWorld(world);
  expect(findings.filter(({ level }) => level !== "ok")).toEqual([]);
  expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(allChecks.map(({ id }) => id)));
});

test.each(faults.map((fault) => [fault.what, fault] as const))("%s is found, and nothing else", async (_, fault) => {
  await using world = await healthyWorld(shared);
  const undo: unknown = await fault.breaks(world);
  try {
    const findings = await examineWorld(world);
    const [check, level, says] = fault.finds;
    const wrong = findings.filter((each) => each.level !== "ok" && each.level !== "not-looked-at");
    expect(wrong).toEqual([expect.objectContaining({ check, level, says: expect.stringMatching(says) })]);
    // Somebody knows what to do about it, and nobody's secret is told.
    expect(wrong[0]?.next).toBeTruthy();
    expect(JSON.stringify(findings)).not.toContain("secret");
  } finally {
    if (typeof undo === "function") await (undo as () => Promise<unknown>)();
  }
});

test("every check has a fault that it finds", () => {
  const found = new Set(faults.map(({ finds }) => finds[0]));
  expect(allChecks.map(({ id }) => id).filter((id) => !found.has(id))).toEqual([]);
});

test("what nobody may ask is not looked at, and is no fault", async () => {
  await using world = await healthyWorld(shared);
  for (const service of ["ec2", "iam", "eks", "elasticloadbalancing", "servicequotas", "s3"])
    world.proxy.faults.add({ service, kind: "access-denied" });
  const findings = await examineWorld(world);
  expect(findings.filter(({ level }) => level !== "ok").map(({ level }) => level)).toEqual(
    expect.arrayContaining(["not-looked-at"]),
  );
  expect(findings.filter(({ level }) => level !== "ok" && level !== "not-looked-at")).toEqual([]);
  const looked = findings.filter(({ level }) => level === "ok").map(({ check }) => check);
  expect(looked.filter((check) => /^(quota|role|state|oidc|scp|ebs|leftovers|instance)/.test(check))).toEqual([]);
});
