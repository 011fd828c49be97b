import { tmpdir } from "node:os";
import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { openEntry } from "../lib/entry/entry.ts";
import { inStage } from "../lib/report/console.ts";
import { sessionSeconds } from "../lib/aws/role-sessions.ts";
import { group, info, notice } from "../lib/core/runner-log.ts";
import { openGitHub, repositoryFromEnvironment } from "../lib/github/github.ts";
import { discoverImages } from "../lib/images/image.ts";
import { booleanInput, choiceInput, integerInput, optionalInput, requiredInput } from "../lib/core/inputs.ts";
import { leaseRuns } from "../lib/lifecycle/lease.ts";
import { imagePolicies, volumePolicies } from "../lib/lifecycle/policies.ts";
import { writeSummary } from "../lib/core/summary.ts";
import { destroyEnvironment, type TeardownRun } from "./run.ts";
import { ensureTerraform } from "../lib/terraform/run/install.ts";

/** The default, which GitHub's form shows as a choice of its own. */
const declared = "as declared";

await runAction(async () => {
  const volumes = choiceInput("volumes", [declared, ...volumePolicies], declared);
  const lockId = optionalInput("force-unlock");
  const token = optionalInput("token") ?? "";
  const minutes = integerInput("timeout-minutes", 230, { min: 1, max: 350 });
  const seconds = sessionSeconds("apply", minutes);
  const { config, environment, repository, credentials } = await openEntry({
    role: "apply",
    session: "teardown",
    seconds,
    named: true,
  });
  const runs = booleanInput("only-after-lease", false) ? leaseRuns(config, environment, new Date()) : undefined;
  if (runs !== undefined) {
    notice(`${runs} Nothing was taken away.`);
    setOutput("result", "leased");
    return;
  }
  const runHasEnded = async (run: number) => (await openGitHub(token, repositoryFromEnvironment())).runHasEnded(run);
  const dryRun = booleanInput("dry-run", false);
  const request: TeardownRun = {
    environment,
    config,
    repository,
    confirm: requiredInput("confirm"),
    dryRun,
    volumes: volumePolicies.find((each) => each === volumes),
    images: choiceInput("images", imagePolicies, "keep"),
    minutes,
    discovered: (await discoverImages(repository)).map(({ name }) => name),
    credentials,
    terraform: () => ensureTerraform({ log: info }),
    forceUnlock: lockId === undefined ? undefined : { id: lockId, runHasEnded },
    report: { line: info, phase: group, summary: writeSummary },
    settle: integerInput("settle-seconds", 120, { min: 0, max: 3600 }) * 1000,
    receiptFolder: process.env.RUNNER_TEMP || tmpdir(),
  };
  const watched = { kind: "teardown", stage: "teardown", environment } as const;
  const outcome = await (dryRun ? destroyEnvironment(request) : inStage(watched, () => destroyEnvironment(request)));
  setOutput("result", outcome.result);
  if (outcome.result === "dry-run") return;
  setOutput("receipt", outcome.file);
  setOutput("kept-monthly-usd", outcome.receipt.keptMonthlyUsd.toFixed(2));
});
