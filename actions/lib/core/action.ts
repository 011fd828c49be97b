import { setOutput } from "@actions/core";
import { startHeartbeat } from "./heartbeat.ts";
import { error as annotate, setFailed } from "./runner-log.ts";
import { explain, SlipwayError } from "./errors.ts";

/**
 * The only try/catch around an action: runs `main`, and fails the step once, with one message, when it throws.
 * A SlipwayError's `reason` becomes the output `failure-reason`, for workflows that branch on it.
 */
export async function runAction(main: () => Promise<void>): Promise<void> {
  using _ = startHeartbeat();
  try {
    await main();
  } catch (error) {
    if (error instanceof SlipwayError && error.reason) setOutput("failure-reason", error.reason);
    setFailed(explain(error));
    if (!(error instanceof SlipwayError))
      annotate("This is a defect of Slipway: please report it with the lines above.");
  }
}
