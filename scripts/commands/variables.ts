import { join } from "node:path";
import { Argument, type Command } from "commander";
import { environmentOf, readConfig } from "../../actions/lib/config/config.ts";
import { discoverImages } from "../../actions/lib/images/image.ts";
import { desired } from "../../actions/lib/terraform/fingerprint.ts";
import { type TerraformRoot, terraformRoots } from "../../actions/lib/terraform/root.ts";

/** `slipway variables`: what the pipeline gives Terraform, for a person who runs Terraform by hand. */
export function register(program: Command): void {
  program
    .command("variables")
    .description("print the variables that the pipeline gives a Terraform root, as JSON for -var-file")
    .addArgument(new Argument("<root>", "the Terraform root").choices(terraformRoots))
    .argument("[environment]", 'the environment; the one under "deliver" in slipway.yaml when left out')
    .option("--json", "print JSON, as always")
    .action(async (root: TerraformRoot, name: string | undefined) => {
      const repository = join(import.meta.dirname, "..", "..");
      const config = await readConfig(join(repository, "slipway.yaml"));
      const environment = name ?? config.deliver;
      environmentOf(config, environment);
      const images = (await discoverImages(repository)).map((image) => image.name);
      const { variables } = await desired({ repository, revision: "HEAD", config, root, environment, images });
      process.stdout.write(`${JSON.stringify(variables, null, 2)}\n`);
    });
}
