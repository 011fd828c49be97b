import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AwsCredentialProvider } from "../aws/credentials.ts";
import type { Config } from "../config/config.ts";
import { scopeOf } from "../inventory/inventory.ts";
import { logGroups } from "../resources/logs.ts";
import type { Reporter } from "./report.ts";
import { stateLocation, type TerraformRoot } from "./root.ts";
import { parseState } from "./state/file.ts";
import type { StateStore } from "./state/store.ts";

/** The cluster's log group in terraform/environment. */
const address = "module.cluster[0].aws_cloudwatch_log_group.this";

/** What is to be planned, and who may look at AWS. */
interface Planned {
  root: TerraformRoot;
  config: Config;
  environment: string;
  credentials: AwsCredentialProvider;
  report: Reporter;
}

/**
 * Makes a plan import the cluster's log group if it exists already. EKS may create it again minutes after a teardown has
 * deleted it, and Terraform cannot create a group that exists.
 *
 * @param folder where Terraform will run, a copy of the root: it gets a file with an `import` block
 * @see https://developer.hashicorp.com/terraform/language/block/import
 * @throws SlipwayError for a state that cannot be read; the SDK's error when AWS does not say whether there is a group
 */
export async function adoptLogGroup(
  folder: string,
  store: StateStore,
  { root, config, environment, credentials, report }: Planned,
): Promise<void> {
  if (root !== "environment") return;
  const scope = scopeOf(config, environment, credentials);
  const { key } = stateLocation(config, root, environment);
  const state = await store.read(key);
  if (state && parseState(state.text, key, scope).some((each) => each.address === address)) return;
  const id = `/aws/eks/${scope.clusterName}/cluster`;
  const found = await logGroups.confirm(scope, `arn:aws:logs:${scope.region}:${scope.account}:log-group:${id}`);
  if (!found) return;
  report.line(`The log group ${id} exists already: EKS has created it again. Terraform imports it.`);
  await writeFile(join(folder, "adopted.tf.json"), JSON.stringify({ import: [{ to: address, id }] }));
}
