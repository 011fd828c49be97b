import { refuseOtherAccount } from "../../actions/lib/aws/credentials.ts";
import { scopeOf } from "../../actions/lib/inventory/inventory.ts";
import { describePrices } from "../../actions/lib/prices/prices.ts";
import { printable } from "../../actions/lib/core/printable.ts";
import { type KeepPolicy, makeReceipt, type Receipt } from "../../actions/lib/receipt/receipt.ts";
import { formatUsd, itemsOf, sumLine, verdict } from "../../actions/lib/receipt/markdown.ts";
import type { Scope } from "../../actions/lib/resources/scope.ts";
import { openStateStore, type StateStore } from "../../actions/lib/terraform/state/store.ts";
import type { EnvironmentTarget } from "./target.ts";
import { textTable } from "../terminal/text-table.ts";

/** What a person may keep, by the words of the command line. */
export const keepable = ["images", "volumes", "snapshots"] as const;

/** Something that a person may keep. */
export type Keepable = (typeof keepable)[number];

const kindsOf = { images: "repository", volumes: "volume", snapshots: "snapshot" } as const;

/** The policy that a command line names. */
export function keepPolicy(words: readonly Keepable[] = []): KeepPolicy {
  return Object.fromEntries(words.map((word) => [kindsOf[word], "Kept, as --keep says."]));
}

/** A receipt, and what it was made of. */
export interface Made {
  scope: Scope;
  store: StateStore;
  receipt: Receipt;
}

/** Makes the receipt of an environment. @throws SlipwayError when the credentials are none, or another account's */
export async function receiptOf(
  { config, environment, credentials }: EnvironmentTarget,
  keep: KeepPolicy,
): Promise<Made> {
  await refuseOtherAccount(config.aws, credentials);
  const scope = scopeOf(config, environment, credentials);
  const store = openStateStore(scope);
  return { scope, store, receipt: await makeReceipt({ scope, store, keep }) };
}

/** A receipt for a terminal. */
export function describeReceipt(receipt: Receipt): string {
  const [billable, unknown] = [itemsOf(receipt, "billable"), itemsOf(receipt, "unknown")];
  const [free, kept] = [itemsOf(receipt, "free-residual"), itemsOf(receipt, "kept")];
  const parts = [`${receipt.clean ? "✓" : "✗"} ${verdict(receipt)}`];
  const price = (usd: number | null) => formatUsd(usd);
  if (billable.length > 0)
    parts.push(
      textTable(
        ["Left, and billed", "Name", "USD/month"],
        billable.map((item) => [item.title, item.name, price(item.monthlyUsd)]),
      ),
      `${sumLine(billable, receipt.monthlyUsd)} ${describePrices(receipt.region)}`,
    );
  if (unknown.length > 0)
    parts.push(
      textTable(
        ["Not known", "Which", "Why"],
        unknown.map((item) => [item.title, item.id, item.why]),
      ),
    );
  if (free.length > 0)
    parts.push(
      textTable(
        ["Left, and free", "Name", ""],
        free.map((item) => [item.title, item.name, item.why ?? ""]),
      ),
    );
  if (kept.length > 0)
    parts.push(
      textTable(
        ["Kept on purpose", "Name", "USD/month", "Why"],
        kept.map((item) => [item.title, item.name, price(item.monthlyUsd), item.why]),
      ),
    );
  return printable(parts.join("\n\n"));
}
