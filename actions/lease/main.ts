import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { openEntry } from "../lib/entry/entry.ts";
import { info } from "../lib/core/runner-log.ts";
import { openGitHub, repositoryFromEnvironment } from "../lib/github/github.ts";
import { integerInput, requiredInput } from "../lib/core/inputs.ts";
import { describeEnd, describeRemains, usualWarnDays } from "../lib/lifecycle/lease.ts";
import { endedLeases, endingLeases, leaseSummary, tellOfLeases, watchLeases } from "./watch.ts";
import { writeSummary } from "../lib/core/summary.ts";
import { stateLocation } from "../lib/terraform/root.ts";
import { openStateStore } from "../lib/terraform/state/store.ts";

await runAction(async () => {
  const token = requiredInput("token");
  const warnDays = integerInput("warn-days", usualWarnDays, { min: 0, max: 60 });
  const { config, credentials } = await openEntry({ role: "plan", session: "lease" });
  const store = openStateStore({ ...stateLocation(config, "environment", config.deliver), credentials });
  const leases = await watchLeases({ config, now: new Date(), warnDays, store });

  for (const { environment, until, remains, gone } of leases)
    info(
      `${environment}: until ${describeEnd(until)} (${describeRemains(remains)})${gone ? `; gone since ${gone}` : ""}`,
    );
  // Before GitHub is spoken to: a warning that cannot be written must not keep an environment alive.
  setOutput("ended", JSON.stringify(endedLeases(leases)));
  setOutput("ending", JSON.stringify(endingLeases(leases)));
  await writeSummary(leaseSummary(leases));
  await tellOfLeases(await openGitHub(token, repositoryFromEnvironment()), config, leases);
});
