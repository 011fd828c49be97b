import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { awsCredentials, roleArn } from "../../actions/lib/aws/credentials.ts";
import { parseConfig } from "../../actions/lib/config/config.ts";
import { examineFirst, findingFor, type Patient } from "../../actions/lib/doctor/delivery.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { administrator, project, stateBucket, trusted } from "../../terraform/test-world.ts";
import { startIdentity } from "../rehearsal/github/identity.ts";
import { allChecks } from "./doctor.ts";
import { type DoctorWorld, examineWorld, healthyWorld, startParts } from "./test-doctor.ts";
import { accountFaults } from "./test-faults-account.ts";
import { gitHubFaults } from "./test-faults-github.ts";
import { machineFaults } from "./test-faults-machine.ts";
import { repositoryFaults } from "./test-faults-repository.ts";

const parts = new AsyncDisposableStack();
let shared: Awaited<ReturnType<typeof startParts>>;
beforeAll(async () => {
  shared = await startParts(parts);
  // The emulator loads a service when it is first asked, which takes longer than the doctor waits on a busy machine.
  await using world = await healthyWorld(shared);
  await examineWorld(world);
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
    // Everything that GitHub was asked is what GitHub would take.
    expect(world.github.violations.splice(0)).toEqual([]);
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

test("what nobody may ask is not looked at, and is not a fault", async () => {
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

/** A delivery of a world, with the eyes of one of its jobs. */
function deliveryOf({ config: text, directory }: DoctorWorld): Patient {
  const config = parseConfig(text);
  const credentials = awsCredentials({ region: config.aws.region, sessionName: "doctor" });
  return { config, environment: "dev", credentials, directory };
}

test("a first delivery goes no further than what blocks it; a later one does not look", async () => {
  using _quiet = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await using world = await healthyWorld(shared);
  await examineFirst(deliveryOf(world));
  world.proxy.facts.quotas.set("L-1216C47A", 3);
  await expect(examineFirst(deliveryOf(world))).rejects.toMatchObject({
    reason: "doctor-blocks",
    message: expect.stringContaining("may have 3 vCPUs"),
  });

  const state = { Bucket: stateBucket, Key: "environments/dev/terraform.tfstate" };
  const s3 = new S3({ region: project.region, credentials: administrator });
  await s3.putObject({ ...state, Body: "{}" });
  try {
    world.proxy.forget();
    await examineFirst(deliveryOf(world));
    expect([...world.proxy.counts.keys()].filter((name) => !/^(s3|sts):/.test(name))).toEqual([]);
  } finally {
    await s3.deleteObject(state);
  }
});

test("the role that plans finds nothing wrong, and sees quotas and whom the roles trust", async () => {
  await using world = await healthyWorld(shared);
  const ids = { ownerId: "7", repositoryId: "8" };
  await using identity = await startIdentity({ ...trusted, repositoryIds: ids });
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_URL", identity.requestUrl({ event: "push" }));
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", identity.requestToken);
  const lines: string[] = [];
  using _quiet = vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  try {
    const role = roleArn(project.account, `${project.project}-plan`);
    const credentials = awsCredentials({ role, region: project.region, sessionName: "plan" });
    // It is given to this job; without it, nothing would be looked at.
    expect(await credentials()).toMatchObject({ sessionToken: expect.any(String) });
    await examineFirst({ ...deliveryOf(world), credentials });
  } finally {
    vi.unstubAllEnvs();
  }
  expect(lines.filter((line) => /^(blocks|unprotected|advice): /.test(line))).toEqual([]);
  for (const title of ["quota of vCPUs", "GitHub's OIDC provider in IAM", "the key of new disks"])
    expect(lines.join("")).toContain(`\nok: ${title}: `);
  expect(lines.join("")).toContain('demo-apply-dev trusts sub "repo:octo-org@7/octo-repo@8:environment:dev".');
});

test("a delivery that failed by a quota is told which", async () => {
  await using world = await healthyWorld(shared);
  const failure = new SlipwayError("Terraform failed: VpcLimitExceeded: The maximum number of VPCs has been reached.");
  expect(await findingFor(deliveryOf(world), failure)).toBeUndefined();
  world.proxy.facts.quotas.set("L-F678F1CE", 1);
  expect(await findingFor(deliveryOf(world), failure)).toMatchObject({ check: "quota-vpcs", level: "blocks" });
});
