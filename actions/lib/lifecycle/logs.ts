import { logsDown } from "./down/logs.ts";
import { findResources } from "./down/resources.ts";
import { type StageObservation, observed, type LifecycleStage } from "./stage.ts";
import { type Environment } from "./environment.ts";

/** Logs outlive what wrote them, and are billed as long as they are kept. */
export const logs: LifecycleStage = {
  name: "logs",
  description: "the log groups of the cluster",
  comes: "with the cluster",
  down: logsDown,
  async observe(environment: Environment): Promise<StageObservation> {
    const groups = await findResources(environment, ["log-group"]);
    return observed(
      groups.map(({ name, facts, billables }) => ({ name, facts: { is: "log group", ...facts }, billables })),
    );
  },
};
