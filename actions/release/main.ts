import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { awsCredentials, roleArn, sessionName } from "../lib/aws/credentials.ts";
import { architectureOfImages, environmentOf, readConfig } from "../lib/config/config.ts";
import { inStage } from "../lib/report/console.ts";
import { info, notice } from "../lib/core/runner-log.ts";
import { withDoctor } from "../lib/doctor/delivery.ts";
import { optionalInput, periodInput, requiredInput } from "../lib/core/inputs.ts";
import { openRegistry } from "../lib/images/registry.ts";
import { describeRelease, release, releaseSummary } from "./release.ts";
import { leaveForReport } from "../lib/report/leave.ts";
import { writeSummary } from "../lib/core/summary.ts";

await runAction(async () => {
  const environment = requiredInput("environment");
  const token = requiredInput("token");
  const config = await readConfig(optionalInput("config") ?? "slipway.yaml");
  environmentOf(config, environment);
  const { account, region } = config.aws;
  const credentials = awsCredentials({
    role: roleArn(account, `${config.project}-deploy`),
    region,
    sessionName: sessionName("release"),
  });
  const result = await inStage({ stage: "release", environment }, () =>
    withDoctor({ config, environment, credentials }, async () =>
      release({
        directory: process.cwd(),
        keys: { period: periodInput("period"), architecture: architectureOfImages(config) },
        environment,
        branch: config.git.branch,
        mode: config.git.release,
        token,
        registry: await openRegistry({ account, region, project: config.project, credentials }),
        log: info,
      }),
    ),
  );
  setOutput("result", result.result);
  setOutput("commit", result.commit);
  setOutput("attempts", result.attempts);
  setOutput("images", JSON.stringify(result.images));
  setOutput("pull-request", result.pullRequest?.url ?? "");
  if (result.result === "released")
    await leaveForReport({ config, environment, credentials }, "release", {
      commit: result.commit,
      at: new Date().toISOString(),
      images: result.images.flatMap(({ app, name, after, state }) =>
        state === "changed" && after ? [{ app, name, digest: after }] : [],
      ),
    });
  const line = describeRelease(result, environment);
  if (result.result === "superseded") notice(line);
  else info(line);
  await writeSummary(releaseSummary(result, environment));
});
