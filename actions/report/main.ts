import { setOutput } from "@actions/core";
import { runAction } from "../lib/action.ts";
import { awsCredentials, roleArn, sessionName } from "../lib/aws.ts";
import { environmentOf, readConfig } from "../lib/config.ts";
import { consoleFromEnvironment } from "../lib/console.ts";
import { info, notice, warning } from "../lib/core/runner-log.ts";
import { openGitHub, repositoryFromEnvironment } from "../lib/github.ts";
import { choiceInput, optionalInput, requiredInput } from "../lib/inputs.ts";
import { describeReport, identityFromEnvironment, reportRun, reportSummary } from "../lib/report.ts";
import { writeSummary } from "../lib/summary.ts";
import { stateLocation } from "../lib/terraform/root.ts";
import { openStateStore } from "../lib/terraform/state-store.ts";

await runAction(async () => {
  const kind = choiceInput("kind", ["delivery", "teardown"], "delivery");
  const needs = requiredInput("needs");
  const token = requiredInput("token");
  const config = await readConfig(optionalInput("config") ?? "slipway.yaml");
  const environment = optionalInput("environment") ?? config.deliver;
  environmentOf(config, environment);
  const { account, region } = config.aws;
  const role = roleArn(account, `${config.project}-deploy`);
  const credentials = awsCredentials({ role, region, sessionName: sessionName("report") });
  const identity = identityFromEnvironment();
  const reported = await reportRun({
    ...{ kind, environment, needs, identity, repository: process.cwd(), console: consoleFromEnvironment() },
    jobs: async () =>
      (await openGitHub(token, repositoryFromEnvironment())).listJobs(Number(identity.run), identity.attempt),
    store: () => openStateStore({ ...stateLocation(config, "environment", environment), credentials }),
  });
  const { sent } = reported;
  setOutput("result", sent === "off" ? "off" : sent.waiting > 0 ? "waiting" : "sent");
  for (const { key, why } of sent === "off" ? [] : sent.refused) warning(`${key} was refused: ${why}`);
  if (sent !== "off" && sent.waiting > 0) notice(describeReport(reported));
  else info(describeReport(reported));
  await writeSummary(reportSummary(reported));
});
