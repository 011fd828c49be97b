import { join } from "node:path";
import { refuseOtherAccount } from "../../actions/lib/aws/credentials.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { discoverImages } from "../../actions/lib/images/image.ts";
import { endScanning } from "../../actions/lib/images/scanning.ts";
import { openEnvironment } from "../../actions/lib/lifecycle/environment.ts";
import { findResources, removeFound } from "../../actions/lib/lifecycle/down/resources.ts";
import { destroyRoot } from "../../actions/lib/terraform/destroy.ts";
import { ensureTerraform } from "../../actions/lib/terraform/run/install.ts";
import { openSession } from "../../actions/lib/terraform/session.ts";
import { withStateLock } from "../../actions/lib/terraform/state/lock.ts";
import { openStateStore } from "../../actions/lib/terraform/state/store.ts";
import { bootstrapLocation, type BootstrapOptions, bootstrapVariables, stateBucketAddress } from "./bootstrap.ts";
import { bucketExists, countVersions, removeBucket } from "./bucket.ts";
import { describeRemainingEnvironments, remainingEnvironments } from "./remaining.ts";
import type { CommandResult } from "./result.ts";

/** Minutes for the images' repositories and their key. */
const registryMinutes = 15;

/**
 * Takes away what a bootstrap made: the roles, GitHub's OIDC provider where it was made here, and the state bucket with
 * every version; before them the images, which no environment uses any more. Running it again goes on from what is left.
 *
 * @throws SlipwayError naming the environments that are still there; nothing is changed then
 */
export async function destroyBootstrap(options: BootstrapOptions): Promise<CommandResult> {
  const { config, credentials, confirm, log } = options;
  const location = bootstrapLocation(config);
  const { bucket, region } = location;
  await refuseOtherAccount(config.aws, credentials);
  if (!(await bucketExists(bucket, config.aws, credentials)))
    return ended("absent", bucket, `There is no bucket ${bucket}: nothing of a bootstrap is left.`);
  const remaining = await remainingEnvironments(config, credentials);
  if (remaining.length > 0)
    throw new SlipwayError(
      `Nothing was taken away, because an environment is still there:\n${describeRemainingEnvironments(remaining)}\n`,
      {
        next: `Run the workflow "destroy" first for ${remaining.map(({ name }) => name).join(", ")}; without the roles and the state nothing could.`,
        reason: "environments-left",
      },
    );
  const declined = () => ended("declined", bucket, "Stopped: nothing more was taken away.");
  if (!(await removeRegistry(options))) return declined();
  if (!(await removeRoles(options))) return declined();
  await endScanning(options);
  const versions = await countVersions(bucket, region, credentials);
  const question = `Delete the bucket ${bucket} with all ${versions} versions of Terraform's states, receipts among them?`;
  if (!(await confirm(question))) return declined();
  await removeBucket(bucket, region, credentials);
  log(`Deleted the bucket ${bucket}.`);
  return ended(
    "destroyed",
    bucket,
    `The account ${config.aws.account} is as it was before: nothing of ${config.project} is left.`,
  );
}

const ended = (result: "absent" | "declined" | "destroyed", stateBucket: string, text: string): CommandResult => ({
  result: { result, stateBucket },
  text,
  done: result !== "declined",
});

/** The images with their repositories and key. @returns false where the person wants to keep them */
async function removeRegistry({ repository, config, credentials, confirm, log }: BootstrapOptions): Promise<boolean> {
  const environment = openEnvironment({ name: config.deliver, config, credentials, directory: repository });
  const found = await findResources(environment, ["repository"]);
  const question = `Delete ${found.length} image repositories with all their images (${found.map(({ name }) => name).join(", ")})?`;
  if (found.length > 0 && !(await confirm(question))) return false;
  // Terraform refuses to delete one that holds images.
  await removeFound(environment, ["repository"], () => true, log);
  await destroyRoot({
    repository,
    config,
    root: "registry",
    environment: config.deliver,
    credentials,
    minutes: registryMinutes,
    images: (await discoverImages(repository)).map(({ name }) => name),
    terraform: () => ensureTerraform({ log }),
    report: { line: log, phase: (_name, work) => work(), summary: () => Promise.resolve() },
  });
  return true;
}

/** Everything but the bucket, which holds the state until the end. @returns false where the person says no to the plan */
async function removeRoles({ repository, config, credentials, confirm, log }: BootstrapOptions): Promise<boolean> {
  const location = bootstrapLocation(config);
  const store = openStateStore({ ...location, credentials });
  return withStateLock(store, location, "destroy", async () => {
    await using session = await openSession({
      program: await ensureTerraform({ log }),
      folder: join(repository, "terraform", "bootstrap"),
      location,
      credentials,
      variables: bootstrapVariables(config),
      log,
    });
    await session.init();
    // It must outlive this run of Terraform, and prevent_destroy guards it. Where somebody stops here, bootstrap adopts it.
    await session.release(stateBucketAddress);
    const { changes } = await session.plan({ operation: "destroy" });
    if (!changes) return true;
    log(await session.planText());
    if (!(await confirm(`Destroy this in account ${config.aws.account}?`))) return false;
    const { failure } = await session.apply();
    if (failure) throw failure;
    return true;
  });
}
