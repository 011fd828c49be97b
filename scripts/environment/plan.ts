import { join } from "node:path";
import { awsCredentials, sessionName } from "../../actions/lib/aws/credentials.ts";
import { architectureOfImages, readConfig } from "../../actions/lib/config/config.ts";
import { discoverImages } from "../../actions/lib/images/image.ts";
import { exists } from "../../actions/lib/core/files.ts";
import { describeMoving, refreshPeriod } from "../../actions/lib/images/moving.ts";
import { planDelivery, shortKey } from "../../actions/plan/plan.ts";
import { printable } from "../../actions/lib/core/printable.ts";
import { unwatchedBudgets } from "../costs/budget.ts";
import { renderAnywhere } from "../rehearsal/tools/kustomize.ts";
import { textTable } from "../terminal/text-table.ts";

/** The options of `slipway plan`. */
export interface PlanCommandOptions {
  revision: string;
  environment?: string;
  offline?: boolean;
  json?: boolean;
}

/** What `slipway plan` prints: a table, or JSON with `options.json`. @param repository the repository's root folder */
export async function describePlan(repository: string, options: PlanCommandOptions): Promise<string> {
  const configFile = join(repository, "slipway.yaml");
  if (options.offline) {
    const found = (await exists(configFile)) ? await readConfig(configFile) : undefined;
    const images = await discoverImages(repository, options.revision, process.env, {
      period: refreshPeriod(found?.build.refresh ?? "never", new Date()),
      ...(found && { architecture: architectureOfImages(found) }),
    });
    if (options.json) return JSON.stringify({ images }, null, 2);
    const rows = images.map(({ name, folder, key }) => [name, folder, shortKey(key)]);
    return textTable(["Image", "Folder", "Content key"], rows);
  }
  const config = await readConfig(configFile);
  const plan = await planDelivery({
    repository,
    revision: options.revision,
    config,
    environment: options.environment ?? config.deliver,
    credentials: awsCredentials({ region: config.aws.region, sessionName: sessionName("plan") }),
    render: renderAnywhere,
  });
  if (options.json) return JSON.stringify(plan, null, 2);
  const build = new Set(plan.build.map((image) => image.name));
  const table = textTable(
    ["Image", "Plan", "Content key"],
    plan.images.map(({ name, key }) => [name, build.has(name) ? "build" : "adopt", shortKey(key)]),
  );
  const apply = (needed: boolean) => (needed ? "apply" : "nothing to do");
  const excused = plan.exceptions.map(({ app, rule, reason, faults }) => [
    app,
    rule,
    String(faults),
    printable(reason),
  ]);
  const exceptions = excused.length > 0 ? textTable(["Exception of", "Rule", "Excuses", "Reason"], excused) : undefined;
  const lines = [
    `Terraform registry: ${apply(plan.registry)}`,
    `Terraform environment ${plan.environment}: ${apply(plan.infra)}`,
    describeMoving(plan.moving, plan.period),
    unwatchedBudgets(config, [plan.environment]),
  ];
  return [table, lines.filter((line) => line !== undefined).join("\n"), exceptions]
    .filter((part) => part !== undefined)
    .join("\n\n");
}
