import type { Command } from "commander";

/** What the command line may say. */
interface Options {
  appId: string;
  privateKey: string;
  wait?: boolean;
  json?: boolean;
}

/** `slipway repository`: the key with which Argo CD reads a private repository. */
export function register(program: Command): void {
  program
    .command("repository")
    .description("give Argo CD a GitHub App's key, with which it reads a private repository")
    .argument("[environment]", 'one of those in slipway.yaml; the one under "deliver" when left out')
    .requiredOption("--app-id <number>", "the App's id on GitHub")
    .requiredOption("--private-key <file>", "the App's private key, a .pem file outside of the repository")
    .option("--wait", "wait for the cluster that the first delivery makes")
    .option("--json", "print JSON")
    .action(async (environment: string | undefined, { appId, privateKey, wait = false, json }: Options) => {
      const { openTarget } = await import("../environment/target.ts");
      const { openCluster } = await import("../../actions/lib/lifecycle/environment.ts");
      const { giveRepository } = await import("../repository/give.ts");
      const { config, credentials, directory, ...target } = await openTarget(environment, "repository");
      const given = await giveRepository({
        directory,
        environment: target.environment,
        repository: config.git.repository,
        appId,
        privateKey,
        wait,
        cluster: () => openCluster(config, target.environment, credentials),
        log: (line) => process.stderr.write(`${line}\n`),
      });
      const text = `Argo CD in ${given.environment} can read ${given.url} now.`;
      process.stdout.write(`${json ? JSON.stringify(given) : text}\n`);
    });
}
