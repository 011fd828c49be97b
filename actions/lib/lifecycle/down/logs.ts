import type { Down, Remaining, Teardown } from "./down.ts";
import { findRemaining, removeFound } from "./resources.ts";

/** The control plane's logs. EKS writes to its log group as long as the cluster lives, and makes it again. */
export const logsDown: Down = {
  minutes: 20,
  doneWhen: "no log group of the cluster",
  remaining: ({ environment }: Teardown): Promise<Remaining[]> => findRemaining(environment, ["log-group"]),
  async act({ environment, report }: Teardown): Promise<void> {
    await removeFound(environment, ["log-group"], () => true, report.line);
  },
};
