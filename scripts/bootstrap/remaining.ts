import type { AwsCredentialProvider } from "../../actions/lib/aws/credentials.ts";
import type { Config } from "../../actions/lib/config/config.ts";
import { scopeOf } from "../../actions/lib/inventory/inventory.ts";
import { otherEnvironments } from "../../actions/lib/inventory/other-environments.ts";
import { makeReceipt } from "../../actions/lib/receipt/receipt.ts";
import { openStateStore } from "../../actions/lib/terraform/state/store.ts";

/** An environment of which something is left. */
export interface RemainingEnvironment {
  name: string;
  /** What bills, or could not be looked at; or that Terraform's state still holds something. */
  what: string[];
}

/**
 * The environments that are still there: those of slipway.yaml, and those that the state bucket or a VPC knows of. Images
 * are no environment's.
 *
 * @throws SlipwayError or the SDK's error where AWS does not show it
 */
export async function remainingEnvironments(
  config: Config,
  credentials: AwsCredentialProvider,
): Promise<RemainingEnvironment[]> {
  const scope = scopeOf(config, "", credentials);
  const store = openStateStore(scope);
  const held = await otherEnvironments(scope, store);
  const once = (await store.list("environments/")).flatMap((key) => key.split("/")[1] ?? []);
  const names = [...new Set([...Object.keys(config.environments), ...held, ...once])].sort();
  const keep = { repository: "It goes with the bootstrap." };
  const all = await Promise.all(
    names.map(async (name) => {
      const receipt = await makeReceipt({ scope: scopeOf(config, name, credentials), store, keep });
      const what = receipt.items.flatMap((item) =>
        item.class === "billable" ? [`${item.title} ${item.name}`] : item.class === "unknown" ? [item.why] : [],
      );
      if (what.length === 0 && held.includes(name)) what.push("Terraform's state, or a VPC, is not empty");
      return { name, what };
    }),
  );
  return all.filter(({ what }) => what.length > 0);
}

/** One line for each. */
export function describeRemainingEnvironments(remaining: readonly RemainingEnvironment[]): string {
  const most = 4;
  return remaining
    .map(({ name, what }) => {
      const more = what.length > most ? `, and ${what.length - most} more` : "";
      return `  ${name}: ${what.slice(0, most).join(", ")}${more}`;
    })
    .join("\n");
}
