import { setOutput } from "@actions/core";
import { runAction } from "../lib/core/action.ts";
import { architectureOfImages } from "../lib/config/config.ts";
import { inDelivery } from "../lib/entry/delivery.ts";
import { openRegistry } from "../lib/images/registry.ts";
import { openEntry } from "../lib/entry/entry.ts";
import { info, notice } from "../lib/core/runner-log.ts";
import { periodInput, requiredInput } from "../lib/core/inputs.ts";
import { describeRelease, release, releaseSummary } from "./release.ts";
import { leaveForReport } from "../lib/report/leave.ts";
import { writeSummary } from "../lib/core/summary.ts";

await runAction(async () => {
  const token = requiredInput("token");
  const entry = await openEntry({ role: "deploy", session: "release", named: true });
  const { config, environment, repository } = entry;
  const result = await inDelivery(entry, { stage: "release" }, async () =>
    release({
      directory: repository,
      keys: { period: periodInput("period"), architecture: architectureOfImages(config) },
      environment,
      branch: config.git.branch,
      mode: config.git.release,
      token,
      registry: await openRegistry(entry.place),
      log: info,
    }),
  );
  setOutput("result", result.result);
  setOutput("commit", result.commit);
  setOutput("attempts", result.attempts);
  setOutput("images", JSON.stringify(result.images));
  setOutput("pull-request", result.pullRequest?.url ?? "");
  if (result.result === "released")
    await leaveForReport(entry, "release", {
      commit: result.commit,
      at: new Date().toISOString(),
      images: result.images.flatMap(({ app, name, after, state }) =>
        state === "changed" && after ? [{ app, name, digest: after }] : [],
      ),
    });
  const line = describeRelease(result, environment);
  if (result.result === "superseded") notice(line);
  else info(line);
  await writeSummary(releaseSummary(result, environment));
});
