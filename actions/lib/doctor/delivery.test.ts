import { expect, test, vi } from "vitest";
import { parseConfig } from "../config/config.ts";
import { SlipwayError } from "../core/errors.ts";
import { findingFor, runIdentity, withDoctor } from "./delivery.ts";
import type { DoctorCheck, FindingLevel } from "./finding.ts";

const config = parseConfig(`
project: demo
aws: { account: "000000000000", region: us-east-1 }
git: { repository: octo-org/octo-repo, ids: { owner: 7, repository: 8 } }
environments: { dev: { cluster: { publicAccessCidrs: [203.0.113.0/24] } } }
`);
const noCredentials = () => Promise.reject(new SlipwayError("There are no credentials."));
const patient = { config, environment: "dev", credentials: noCredentials, directory: "/nowhere" };

/** A check that explains what names a quota. */
const quota = (level: FindingLevel, look = vi.fn()): DoctorCheck => ({
  id: "quota",
  title: "a quota",
  explains: /LimitExceeded/,
  look() {
    look();
    return Promise.resolve([{ level, says: "The account may have 5.", next: "Ask for more." }]);
  },
});
const failure = new SlipwayError("Terraform failed: VpcLimitExceeded.", { next: "Look at it." });

test("a failure is explained by the finding that blocks, of a check that is about it", async () => {
  expect(await findingFor(patient, failure, [quota("blocks")])).toMatchObject({ says: "The account may have 5." });
});

test.each<FindingLevel>(["ok", "advice", "unprotected", "not-looked-at"])(
  "a finding that is %s explains no failure",
  async (level) => {
    expect(await findingFor(patient, failure, [quota(level)])).toBeUndefined();
  },
);

test("checks that are about something else are not asked", async () => {
  const look = vi.fn();
  const other = new SlipwayError("The pod does not start.");
  expect(await findingFor(patient, other, [quota("blocks", look)])).toBeUndefined();
  expect(look).not.toHaveBeenCalled();
});

test("a defect of Slipway, and what the doctor itself refused, is not explained", async () => {
  expect(await findingFor(patient, new Error("LimitExceeded"), [quota("blocks")])).toBeUndefined();
  const refused = new SlipwayError("LimitExceeded", { reason: "doctor-blocks" });
  expect(await findingFor(patient, refused, [quota("blocks")])).toBeUndefined();
});

test("a stage that fails stays failed with its own error, and one line names the finding", async () => {
  const lines: string[] = [];
  using _ = vi.spyOn(process.stdout, "write").mockImplementation((text) => lines.push(String(text)) > 0);
  vi.stubEnv("GITHUB_REPOSITORY", "octo-org/fork");
  try {
    const error = new SlipwayError("STS did not let this job take on demo-plan.", { reason: "role-refused" });
    await expect(withDoctor(patient, () => Promise.reject(error))).rejects.toBe(error);
  } finally {
    vi.unstubAllEnvs();
  }
  expect(lines.join("").trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^::warning::The doctor's finding: This run is of octo-org\/fork, and slipway\.yaml names /),
  ]);
});

test("where nothing explains it, nothing is said; nor where looking fails itself", async () => {
  using write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  await expect(withDoctor(patient, () => Promise.reject(failure))).rejects.toBe(failure);
  const broken = { ...patient, directory: "\0" };
  const about = new SlipwayError("repository not found");
  await expect(withDoctor(broken, () => Promise.reject(about))).rejects.toBe(about);
  expect(write).not.toHaveBeenCalled();
});

test("what succeeds is handed on", async () => {
  expect(await withDoctor(patient, () => Promise.resolve(7))).toBe(7);
});

test("a run is known by GitHub's variables", () => {
  expect(runIdentity({})).toBeUndefined();
  const env = { GITHUB_REPOSITORY: "a/b", GITHUB_REPOSITORY_ID: "8", GITHUB_REPOSITORY_OWNER_ID: "7" };
  expect(runIdentity(env)).toEqual({ repository: "a/b", ids: { owner: 7, repository: 8 } });
  expect(runIdentity({ GITHUB_REPOSITORY: "a/b", GITHUB_REPOSITORY_ID: "" })).toEqual({ repository: "a/b" });
});
