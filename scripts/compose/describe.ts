import { textTable } from "../terminal/text-table.ts";
import type { DownResult } from "./down.ts";
import type { UpResult } from "./up.ts";

/** Where apps are, a line for each port, and what of them is not here. */
export function describeStack(results: readonly UpResult[]): string {
  const rows = results.flatMap(({ app, ports }) => ports.map((port) => [app, port.service, port.address]));
  const missing = [...new Set(results.flatMap((each) => each.leftOut))].sort();
  return [
    textTable(["App", "Service", "Address"], rows),
    ...results.map(({ app }) => `Passwords of ${app}: .slipway/compose/${app}/secret.json`),
    ...(missing.length > 0 ? [`Compose has nothing for: ${missing.join(", ")}.`] : []),
    "To take it away: ./slipway down --compose (its data too: --volumes)",
  ].join("\n");
}

/** What was taken away, a line for each app. */
export function describeRemains(results: readonly DownResult[]): string {
  if (results.length === 0) return "Nothing was there.";
  const count = (list: readonly string[], what: string) => `${list.length} ${what}${list.length === 1 ? "" : "s"}`;
  return results
    .map(({ app, containers, networks, volumes }) => {
      const parts = [count(containers, "container"), count(networks, "network"), count(volumes, "volume")];
      return `${app}: ${parts.join(", ")} taken away`;
    })
    .join("\n");
}
