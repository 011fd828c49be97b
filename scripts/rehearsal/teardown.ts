import { S3 } from "@aws-sdk/client-s3";
import { type Config, readConfig } from "../../actions/lib/config/config.ts";
import { itemsOf, verdict } from "../../actions/lib/receipt/markdown.ts";
import { receiptKey } from "../../actions/lib/receipt/saved.ts";
import { formatDuration } from "../../actions/lib/core/summary.ts";
import type { TeardownReceipt } from "../../actions/teardown/run.ts";
import { stateLocation } from "../../actions/lib/terraform/root.ts";
import { describeReceipt } from "../environment/receipt.ts";
import { textTable } from "../terminal/text-table.ts";
import { listAccount } from "./aws/account-listing.ts";
import { type Checks, insist } from "./checks/checks.ts";
import type { Progress } from "./progress.ts";
import type { World } from "./world/parts.ts";

/**
 * Dispatches the workflow that takes the environment away, and checks what is left: by the run's own receipt, and by
 * what AWS lists when it is asked past all of Slipway's code.
 *
 * @param before the account as it was before the first push
 */
export async function takeAway(world: World, progress: Progress, checks: Checks, before: readonly string[]) {
  const config = await readConfig(`${world.person.directory}/slipway.yaml`);
  const environment = config.deliver;
  progress.line();
  progress.line(
    `$ gh workflow run destroy.yml -f environment=${environment} -f confirm=${environment} -f images=delete`,
  );
  const inputs = { environment, confirm: environment, images: "delete" };
  const run = await progress.stage("destroy", () =>
    world.runner.dispatch("destroy.yml", inputs, (line) => progress.line(line)),
  );
  progress.line();
  const receipt = await readReceipt(world, config);
  if (receipt) for (const line of describe(receipt)) progress.line(line);
  await checks.check("The dispatched run took the environment away, stage by stage", () => {
    insist(run.conclusion === "success", `it ended as ${run.conclusion}; logs: ${run.logs}`);
    return "";
  });
  await checks.check("Its receipt shows nothing that bills and nothing unknown", () => {
    insist(receipt !== undefined, "there is none");
    insist(receipt.clean, verdict(receipt));
    return `${itemsOf(receipt, "kept").length} things kept on purpose, ${itemsOf(receipt, "free-residual").length} free ones go by themselves`;
  });
  await checks.check("AWS, asked directly, lists nothing that was not there before the first push", async () => {
    const left = (await listAll(world)).filter((each) => !before.includes(each));
    insist(left.length === 0, `there is ${left.join(", ")}`);
    return `${before.length} things, as before`;
  });
}

/** The receipt that the run has left in the state bucket; undefined where it has left none. */
async function readReceipt({ emulator, region }: World, config: Config): Promise<TeardownReceipt | undefined> {
  const s3 = new S3({ endpoint: emulator.endpoint, region, credentials: emulator.credentials, forcePathStyle: true });
  try {
    const { bucket: Bucket } = stateLocation(config, "environment", config.deliver);
    const found = await s3.getObject({ Bucket, Key: receiptKey(config.deliver) });
    return JSON.parse((await found.Body?.transformToString()) ?? "") as TeardownReceipt;
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return undefined;
    throw error;
  } finally {
    s3.destroy();
  }
}

function describe(receipt: TeardownReceipt): string[] {
  const rows = receipt.stages.map(({ name, result, found, milliseconds }) => [
    name,
    result === "none" ? "nothing was there" : `${found.length} gone`,
    formatDuration(milliseconds),
  ]);
  const table = textTable(["Stage", "Down", "Time"], rows);
  return [...table.split("\n"), "", ...describeReceipt(receipt).split("\n"), ""].map((line) => `  ${line}`.trimEnd());
}

/** Everything that AWS lists, past the proxy and past Slipway's code. */
export function listAll({ emulator, region }: World): Promise<string[]> {
  return listAccount({ endpoint: emulator.endpoint, region, credentials: emulator.credentials });
}
