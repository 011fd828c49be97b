import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { awsCredentials, roleArn, sessionName } from "../lib/aws/credentials.ts";
import { consoleFromEnvironment } from "../lib/report/console.ts";
import { info, notice, warning } from "../lib/core/runner-log.ts";
import { SlipwayError } from "../lib/core/errors.ts";
import { openGitHub, repositoryFromEnvironment } from "../lib/github/github.ts";
import { choiceInput, optionalInput, periodInput, requiredInput } from "../lib/core/inputs.ts";
import { openRegistry } from "../lib/images/registry.ts";
import { describeReport, identityFromEnvironment, reportRun, reportSummary } from "./report.ts";
import { readReportSettings } from "../lib/report/settings.ts";
import { writeSummary } from "../lib/core/summary.ts";
import { stateBucket } from "../lib/terraform/root.ts";
import { noStore, openStateStore } from "../lib/terraform/state/store.ts";

await runAction(async () => {
  const kind = choiceInput("kind", ["delivery", "teardown"], "delivery");
  const results = requiredInput("results");
  const token = requiredInput("token");
  const { deliver, place, architecture, problem } = await readReportSettings(optionalInput("config") ?? "slipway.yaml");
  const identity = identityFromEnvironment();
  const nowhere = new SlipwayError("slipway.yaml does not say in which account and region the project is.");
  const aws = place && {
    ...place,
    credentials: awsCredentials({
      role: roleArn(place.account, `${place.project}-deploy`),
      region: place.region,
      sessionName: sessionName("report"),
    }),
  };
  const reported = await reportRun({
    kind,
    environment: optionalInput("environment") ?? deliver,
    results,
    identity,
    keys: { period: periodInput("period"), architecture },
    repository: process.cwd(),
    console: consoleFromEnvironment(),
    notes: problem === undefined ? [] : [problem],
    jobs: async () =>
      (await openGitHub(token, repositoryFromEnvironment())).listJobs(Number(identity.run), identity.attempt),
    store: aws
      ? openStateStore({ bucket: stateBucket(aws), region: aws.region, credentials: aws.credentials })
      : noStore(nowhere),
    registry: async () => {
      if (!aws) throw nowhere;
      return openRegistry(aws);
    },
  });
  const { sent, notes } = reported;
  for (const note of notes) warning(note);
  await writeSummary(reportSummary(reported));
  const line = describeReport(reported);
  const unheard = sent !== "off" && (sent.lost !== undefined || sent.refused.length > 0);
  const waits = sent !== "off" && sent.waiting > 0;
  setOutput(
    "result",
    sent === "off" ? "off" : sent.lost !== undefined ? "lost" : unheard ? "refused" : waits ? "waiting" : "sent",
  );
  // Red, so that it is seen; the job lets the delivery be green.
  if (unheard) throw new SlipwayError(line, { reason: sent.lost === undefined ? "console-refused" : "report-lost" });
  if (waits) notice(line);
  else if (sent !== "off" && sent.refusedBefore > 0) warning(line);
  else info(line);
});
