import { scopeOf } from "../inventory/inventory.ts";
import { clusterName } from "../kubernetes/cluster.ts";
import { SlipwayError } from "../core/errors.ts";
import { withoutBucket } from "../inventory/saved.ts";
import { makeReceipt } from "../receipt/receipt.ts";
import { itemsOf } from "../receipt/markdown.ts";
import { parseState } from "../terraform/state/file.ts";
import { stateLocation } from "../terraform/root.ts";
import { lockKey } from "../terraform/state/lock.ts";
import type { DoctorCheck, CheckResult } from "./finding.ts";

/** What a teardown may leave on purpose. */
const keep = { repository: "Images may stay.", volume: "Volumes may stay.", snapshot: "Snapshots may stay." };

/** What an earlier life of the environment has left, which Terraform does not know and would make once more. */
export const leftovers: DoctorCheck = {
  id: "leftovers",
  title: "leftovers of an earlier life",
  explains: /AlreadyExists|already exists|ResourceInUse|Duplicate/i,
  async look(subject) {
    const { config, environment } = subject;
    const { store, credentials } = await subject.account();
    const { key } = stateLocation(config, "environment", environment);
    const scope = scopeOf(config, environment, credentials);
    // What a run is just making is in no state yet.
    const atWork = await store.read(lockKey(key)).catch(withoutBucket);
    if (atWork)
      throw new SlipwayError(`A run is at work on ${environment}: what it makes is not a leftover.`, {
        next: "Look again when it has ended.",
      });
    const state = await store.read(key).catch(withoutBucket);
    if (state && parseState(state.text, key, scope).length > 0)
      return [{ level: "ok", says: `${environment} is there: ./slipway receipt ${environment} lists it.` }];
    const receipt = await makeReceipt({ scope, store, keep });
    const billable = itemsOf(receipt, "billable");
    const free = itemsOf(receipt, "free-residual").filter((item) => item.why === undefined);
    const found: CheckResult[] = [];
    const look = `./slipway receipt ${environment} lists it, ./slipway sweep ${environment} removes it.`;
    const cluster = [...billable, ...free].find(
      (item) => item.name === clusterName(config, environment) && item.kind === "cluster",
    );
    if (cluster)
      found.push({
        level: "blocks",
        says: `There is a cluster ${cluster.name} already, of which Terraform's state knows nothing.`,
        next: `Take it away with the workflow "destroy", or ${look}`,
      });
    const others = [...billable, ...free].filter((item) => item !== cluster);
    if (others.length > 0) {
      const titles = [...new Set(others.map(({ title }) => title))].join(", ");
      const usd = receipt.monthlyUsd;
      found.push({
        level: "advice",
        says: `${others.length} things of an earlier ${environment} are left (${titles}), at ${usd.toFixed(2)} USD a month.`,
        next: look,
      });
    }
    if (found.length > 0) return found;
    const unknown = itemsOf(receipt, "unknown");
    if (unknown.length === 0) return [{ level: "ok", says: `Nothing is left of an earlier ${environment}.` }];
    return [
      {
        level: "not-looked-at",
        says: `Nothing of an earlier ${environment} is seen, but not everything could be looked at: ${unknown.map(({ title }) => title).join(", ")}.`,
      },
    ];
  },
};
