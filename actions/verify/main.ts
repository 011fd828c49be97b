import { tmpdir } from "node:os";
import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { clusterAccess, clusterName } from "../lib/kubernetes/cluster.ts";
import { inDelivery } from "../lib/entry/delivery.ts";
import { openRegistry } from "../lib/images/registry.ts";
import { openEntry } from "../lib/entry/entry.ts";
import { info, notice, warning } from "../lib/core/runner-log.ts";
import { commitInput, integerInput, optionalInput } from "../lib/core/inputs.ts";
import { openKubernetes } from "../lib/kubernetes/kubernetes.ts";
import { leaveForReport } from "../lib/report/leave.ts";
import { writeSummary } from "../lib/core/summary.ts";
import { describeVerification, verify } from "./verify.ts";

await runAction(async () => {
  const minutes = integerInput("timeout-minutes", 15, { min: 1, max: 350 });
  const commit = commitInput("commit");
  const entry = await openEntry({ role: "deploy", session: "verify" });
  const { config, environment, repository, credentials } = entry;
  const { region } = config.aws;
  const cancelled = new AbortController();
  // Some seconds are left to say so: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => cancelled.abort());

  const look = () =>
    verify({
      environment,
      commit,
      minutes,
      branch: config.git.branch,
      directory: repository,
      token: optionalInput("token"),
      kubernetes: async () =>
        openKubernetes(await clusterAccess({ name: clusterName(config, environment), region, credentials })),
      registry: () => openRegistry(entry.place),
      proofFolder: process.env.RUNNER_TEMP || tmpdir(),
      signal: cancelled.signal,
      report: { line: info, warning, summary: writeSummary },
    });
  const { result, proof, file } = await inDelivery(entry, { stage: "verify" }, look);
  setOutput("result", result);
  setOutput("revision", proof.commit);
  setOutput("proof", file);
  await leaveForReport(entry, "proof", proof);
  setOutput("url", proof.apps.flatMap(({ urls }) => urls)[0] ?? "");
  const line = describeVerification(result, proof);
  if (result === "proven") info(line);
  else notice(line);
});
