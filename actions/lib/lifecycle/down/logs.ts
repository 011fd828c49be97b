import type { Down, Left, Teardown } from "./down.ts";
import { findLeft, removeFound } from "./resources.ts";

/** The control plane's logs. EKS writes to its log group as long as the cluster lives, and makes it again. */
export const logsDown: Down = {
  minutes: 20,
  doneWhen: "no log group of the cluster",
  left: ({ environment }: Teardown): Promise<Left[]> => findLeft(environment, ["log-group"]),
  async act({ environment, report }: Teardown): Promise<void> {
    await removeFound(environment, ["log-group"], () => true, report.line);
  },
};
