import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { architectureOfImages, environmentOf } from "../lib/config/config.ts";
import { inDelivery } from "../lib/entry/delivery.ts";
import { openEntry } from "../lib/entry/entry.ts";
import { info, notice, warning } from "../lib/core/runner-log.ts";
import { examineFirst } from "../lib/doctor/delivery.ts";
import { describeMoving } from "../lib/images/moving.ts";
import { supportWarning } from "../lib/kubernetes/eks-versions.ts";
import { matrixOutput, runnerOf } from "./matrix.ts";
import { planDelivery, planSummary } from "./plan.ts";
import { writeSummary } from "../lib/core/summary.ts";
import { describeDestroyed } from "../lib/terraform/destroyed.ts";

await runAction(async () => {
  const entry = await openEntry({ role: "plan", session: "plan" });
  const { config, environment } = entry;
  const { cluster } = environmentOf(config, environment);
  const ending = supportWarning(cluster.version, new Date());
  if (ending) warning(`${environment}: ${ending}`);
  const plan = await inDelivery(entry, { stage: "plan" }, async () => {
    await examineFirst(entry);
    return planDelivery({ ...entry, revision: "HEAD" });
  });

  const names = (images: readonly { name: string }[]) => images.map((image) => image.name);
  setOutput("build", matrixOutput(names(plan.build)));
  setOutput("build-count", plan.build.length);
  setOutput("adopt", JSON.stringify(names(plan.adopt)));
  setOutput("images", JSON.stringify(names(plan.images)));
  setOutput("environment", environment);
  setOutput("period", plan.period ?? "");
  setOutput("runner", runnerOf(architectureOfImages(config)));
  setOutput("infra", plan.infra);
  setOutput("registry", plan.registry);
  setOutput("deliver", plan.away === undefined);
  if (plan.away) {
    const { message, next } = describeDestroyed(environment, plan.away);
    notice(`${message} ${next}`);
  }
  for (const image of plan.build) info(`${image.name}: to build as ${image.key}`);
  for (const image of plan.adopt) info(`${image.name}: adopted, ${image.key} is ${image.digest}`);
  const moving = describeMoving(plan.moving, plan.period);
  if (moving) info(moving);
  info(`Terraform: registry ${plan.registry}, environment ${plan.infra}`);
  await writeSummary(planSummary(plan));
});
