import { tmpdir } from "node:os";
import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { awsCredentials, roleArn, sessionName } from "../lib/aws/credentials.ts";
import { clusterAccess, clusterName } from "../lib/kubernetes/cluster.ts";
import { environmentOf, readConfig } from "../lib/config/config.ts";
import { inStage } from "../lib/report/console.ts";
import { info, notice, warning } from "../lib/core/runner-log.ts";
import { withDoctor } from "../lib/doctor/delivery.ts";
import { commitInput, integerInput, optionalInput } from "../lib/core/inputs.ts";
import { openKubernetes } from "../lib/kubernetes/kubernetes.ts";
import { openRegistry } from "../lib/images/registry.ts";
import { leaveForReport } from "../lib/report/leave.ts";
import { writeSummary } from "../lib/core/summary.ts";
import { describeVerification, verify } from "./verify.ts";

await runAction(async () => {
  const minutes = integerInput("timeout-minutes", 15, { min: 1, max: 350 });
  const commit = commitInput("commit");
  const config = await readConfig(optionalInput("config") ?? "slipway.yaml");
  const environment = optionalInput("environment") ?? config.deliver;
  environmentOf(config, environment);
  const { account, region } = config.aws;
  const credentials = awsCredentials({
    role: roleArn(account, `${config.project}-deploy`),
    region,
    sessionName: sessionName("verify"),
  });
  const cancelled = new AbortController();
  // Some seconds are left to say so: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => cancelled.abort());

  const look = () =>
    verify({
      ...{ environment, commit, minutes, branch: config.git.branch, directory: process.cwd() },
      token: optionalInput("token"),
      kubernetes: async () =>
        openKubernetes(await clusterAccess({ name: clusterName(config, environment), region, credentials })),
      registry: () => openRegistry({ account, region, project: config.project, credentials }),
      proofFolder: process.env.RUNNER_TEMP || tmpdir(),
      signal: cancelled.signal,
      report: { line: info, warning, summary: writeSummary },
    });
  const { result, proof, file } = await inStage({ stage: "verify", environment }, () =>
    withDoctor({ config, environment, credentials }, look),
  );
  setOutput("result", result);
  setOutput("revision", proof.commit);
  setOutput("proof", file);
  await leaveForReport({ config, environment, credentials }, "proof", proof);
  setOutput("url", proof.apps.flatMap(({ urls }) => urls)[0] ?? "");
  const line = describeVerification(result, proof);
  if (result === "proven") info(line);
  else notice(line);
});
