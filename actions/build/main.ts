import { setOutput } from "@actions/core";
import { safe } from "../lib/core/markdown.ts";
import { runAction } from "../lib/core/action.ts";
import { awsCredentials, roleArn, sessionName } from "../lib/aws/credentials.ts";
import { buildError, buildImages, buildSummary, chooseImages, readSource } from "./build.ts";
import { architectureOfImages, readConfig } from "../lib/config/config.ts";
import { inStage } from "../lib/report/console.ts";
import { group, info, notice } from "../lib/core/runner-log.ts";
import { withDoctor } from "../lib/doctor/delivery.ts";
import { discoverImages } from "../lib/images/image.ts";
import { nameListInput, optionalInput, periodInput } from "../lib/core/inputs.ts";
import { openRegistry } from "../lib/images/registry.ts";
import { writeSummary } from "../lib/core/summary.ts";

await runAction(async () => {
  const names = nameListInput("images");
  const config = await readConfig(optionalInput("config") ?? "slipway.yaml");
  const { account, region } = config.aws;
  const repository = process.cwd();
  const server = process.env.GITHUB_SERVER_URL ?? "https://github.com";
  const credentials = awsCredentials({
    role: roleArn(account, `${config.project}-deploy`),
    region,
    sessionName: sessionName("build"),
  });
  const [source, all, registry] = await Promise.all([
    readSource(repository, server, config.git.repository),
    discoverImages(repository, "HEAD", process.env, {
      period: periodInput("period"),
      architecture: architectureOfImages(config),
    }),
    openRegistry({ account, region, project: config.project, credentials }),
  ]);
  const images = chooseImages(all, names);
  const environment = optionalInput("environment") ?? config.deliver;
  const build = async () => {
    const results = await buildImages({ repository, source, images, registry, log: { group, line: info, notice } });
    setOutput("images", JSON.stringify(results.filter((each) => each.result !== "failed")));
    await writeSummary(safe`### Build\n\n${buildSummary(results)}`);
    const error = buildError(results);
    if (error) throw error;
  };
  await inStage({ stage: "build", detail: names.join(","), environment }, () =>
    withDoctor({ config, environment, credentials }, build),
  );
});
