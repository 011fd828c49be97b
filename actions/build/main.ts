import { setOutput } from "@actions/core";
import { safe } from "../lib/core/markdown.ts";
import { runAction } from "../lib/core/action.ts";
import { buildError, buildImages, buildSummary, chooseImages, readSource } from "./build.ts";
import { architectureOfImages } from "../lib/config/config.ts";
import { inDelivery } from "../lib/entry/delivery.ts";
import { openRegistry } from "../lib/images/registry.ts";
import { openEntry } from "../lib/entry/entry.ts";
import { group, info, notice } from "../lib/core/runner-log.ts";
import { discoverImages } from "../lib/images/image.ts";
import { nameListInput, periodInput } from "../lib/core/inputs.ts";
import { writeSummary } from "../lib/core/summary.ts";

await runAction(async () => {
  const names = nameListInput("images");
  const entry = await openEntry({ role: "deploy", session: "build" });
  const { config, repository } = entry;
  const server = process.env.GITHUB_SERVER_URL ?? "https://github.com";
  const [source, all, registry] = await Promise.all([
    readSource(repository, server, config.git.repository),
    discoverImages(repository, "HEAD", process.env, {
      period: periodInput("period"),
      architecture: architectureOfImages(config),
    }),
    openRegistry(entry.place),
  ]);
  const images = chooseImages(all, names);
  const build = async () => {
    const results = await buildImages({ repository, source, images, registry, log: { group, line: info, notice } });
    setOutput("images", JSON.stringify(results.filter((each) => each.result !== "failed")));
    await writeSummary(safe`### Build\n\n${buildSummary(results)}`);
    const error = buildError(results);
    if (error) throw error;
  };
  await inDelivery(entry, { stage: "build", detail: names.join(",") }, build);
});
