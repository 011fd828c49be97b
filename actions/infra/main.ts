import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { inDelivery } from "../lib/entry/delivery.ts";
import { openEntry } from "../lib/entry/entry.ts";
import { sessionSeconds } from "../lib/aws/role-sessions.ts";
import { group, info } from "../lib/core/runner-log.ts";
import { openGitHub, repositoryFromEnvironment } from "../lib/github/github.ts";
import { discoverImages } from "../lib/images/image.ts";
import { applyInfra, planInfra } from "./infra.ts";
import { choiceInput, integerInput, optionalInput } from "../lib/core/inputs.ts";
import { writeSummary } from "../lib/core/summary.ts";
import { ensureTerraform } from "../lib/terraform/run/install.ts";
import { terraformRoots } from "../lib/terraform/root.ts";

await runAction(async () => {
  const root = choiceInput("root", terraformRoots, "environment");
  const command = choiceInput("command", ["apply", "plan"], "apply");
  const minutes = integerInput("timeout-minutes", 60, { min: 1, max: 350 });
  const lockId = optionalInput("force-unlock");
  const token = optionalInput("token") ?? "";
  const entry = await openEntry({ role: command, session: command, seconds: sessionSeconds(command, minutes) });
  const request = {
    ...entry,
    root,
    images: (await discoverImages(entry.repository)).map((image) => image.name),
    terraform: () => ensureTerraform({ log: info }),
    report: { line: info, phase: group, summary: writeSummary },
  };

  if (command === "plan") {
    setOutput("changed", await planInfra(request, token));
    return;
  }
  const runHasEnded = async (run: number) => (await openGitHub(token, repositoryFromEnvironment())).runHasEnded(run);
  const forceUnlock = lockId === undefined ? {} : { forceUnlock: { id: lockId, runHasEnded } };
  const { terraform, argocd } = await inDelivery(entry, { stage: root === "registry" ? "registry" : "infra" }, () =>
    applyInfra({ ...request, minutes, ...forceUnlock }),
  );
  const counts = terraform.kind === "applied" ? terraform.counts : { add: 0, change: 0, remove: 0 };
  setOutput("changed", terraform.kind === "applied");
  setOutput("added", counts.add);
  setOutput("updated", counts.change);
  setOutput("destroyed", counts.remove);
  setOutput("cluster-name", terraform.record.outputs.cluster_name ?? "");
  setOutput("argocd-version", argocd?.version ?? "");
});
