import { tmpdir } from "node:os";
import { awsCredentials } from "../../lib/aws/credentials.ts";
import { readConfig } from "../../lib/config/config.ts";
import { destroyEnvironment } from "../../teardown/run.ts";
import { ensureTerraform } from "../../lib/terraform/run/install.ts";

/*
 * A teardown in a process of its own, for tests that kill it. Its clusters are only records, and its log goes to
 * standard output. The working directory is the repository; arguments: the environment, the id of a lock to break.
 */
const [environment = "", lock] = process.argv.slice(2);
const config = await readConfig("slipway.yaml");
const line = (text: string) => process.stdout.write(`${text}\n`);
await destroyEnvironment({
  environment,
  confirm: environment,
  config,
  images: "delete",
  minutes: 10,
  dryRun: false,
  settle: 200,
  credentials: awsCredentials({ region: config.aws.region, sessionName: "test" }),
  repository: process.cwd(),
  receiptFolder: tmpdir(),
  discovered: ["guests-api", "guests-nginx"],
  terraform: () => ensureTerraform(),
  forceUnlock: lock ? { id: lock, runHasEnded: () => Promise.resolve(true) } : undefined,
  report: {
    line,
    phase: (name, work) => {
      line(name);
      return work();
    },
    summary: () => Promise.resolve(),
  },
  pauses: { shortest: 50, longest: 500 },
  cluster: () => Promise.resolve(undefined),
});
line("All of it is gone.");
