import { messageOf, SlipwayError } from "../core/errors.ts";
import { stateLocation } from "../terraform/root.ts";
import { describeLock, lockKey, parseLock } from "../terraform/state/lock.ts";
import { type DoctorAccount, asked } from "./account.ts";
import type { DoctorCheck, CheckResult, Subject } from "./finding.ts";

/** Hours after which nobody still works who holds a lock: no job may take longer (deliver.yml, destroy.yml). */
const longestJob = 3;

/** The bucket of Terraform's state. Where there is none, the account is not prepared. */
const bucket: DoctorCheck = {
  id: "state-bucket",
  title: "the bucket of Terraform's state",
  needsBootstrap: true,
  explains: /state bucket/,
  async look(subject) {
    const account = await subject.account();
    const name = account.bucket;
    const state = await stateOf(account, subject.config.aws.account);
    if (state === "none")
      return [
        { level: "blocks", says: `The account is not prepared: there is no bucket ${name}.`, next: runBootstrap },
      ];
    if (state === "foreign")
      return [
        {
          level: "blocks",
          says: `The bucket ${name} belongs to another account.`,
          next: 'Give the project another name ("project" in slipway.yaml): names of buckets are shared by all accounts.',
        },
      ];
    const { GetBucketVersioningCommand } = await import("@aws-sdk/client-s3");
    const { Status } = await asked(`Looking at the bucket ${name}`, () =>
      account.clients.s3.send(new GetBucketVersioningCommand({ Bucket: name })),
    );
    if (Status !== "Enabled")
      return [
        {
          level: "advice",
          says: `The bucket ${name} keeps no old versions: a state that is lost cannot be had back.`,
          next: runBootstrap,
        },
      ];
    return [{ level: "ok", says: `${name} is there, and keeps old versions.` }];
  },
};

/** What to do where something of `./slipway bootstrap` is not as it made it. */
export const runBootstrap = "Run ./slipway bootstrap: it makes what is missing, and shows it first.";

async function stateOf(
  { clients, bucket: Bucket }: DoctorAccount,
  owner: string,
): Promise<"there" | "none" | "foreign"> {
  const { HeadBucketCommand, paginateListBuckets } = await import("@aws-sdk/client-s3");
  try {
    await clients.s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: owner }));
    return "there";
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === 404) return "none";
    if (status !== 403) return asked(`Looking for the bucket ${Bucket}`, () => Promise.reject(error as Error));
    // Refused: the bucket is somebody else's, or these credentials may not look at it. The account's own list tells.
    const own = await asked("Listing buckets", async () => {
      const names: (string | undefined)[] = [];
      for await (const { Buckets = [] } of paginateListBuckets({ client: clients.s3 }, {}))
        names.push(...Buckets.map(({ Name }) => Name));
      return names;
    });
    if (!own.includes(Bucket)) return "foreign";
    throw new SlipwayError(`These credentials may not look at the bucket ${Bucket}.`, {
      next: "Use an administrator's credentials.",
    });
  }
}

/** @throws SlipwayError where the account is not prepared, so that what bootstrap makes is not missed one by one */
export async function afterBootstrap(subject: Subject): Promise<DoctorAccount> {
  const account = await subject.account();
  if ((await stateOf(account, subject.config.aws.account)) !== "there")
    throw new SlipwayError("The account is not prepared.", { next: runBootstrap });
  return account;
}

/** Locks of the states that a delivery writes. */
const locks: DoctorCheck = {
  id: "state-locks",
  title: "locks of Terraform's state",
  needsBootstrap: true,
  explains: /is locked/,
  async look(subject) {
    const { store, bucket: name } = await afterBootstrap(subject);
    const { config, environment } = subject;
    const keys = [
      "bootstrap/terraform.tfstate",
      ...(["registry", "environment"] as const).map((root) => stateLocation(config, root, environment).key),
    ];
    const held = await Promise.all(keys.map(async (key) => ({ key, lock: await store.read(lockKey(key)) })));
    const found = held.flatMap(({ key, lock }) => (lock ? [judge(`${name}/${key}`, lock.text)] : []));
    return found.length > 0 ? found : [{ level: "ok", says: "Nobody holds a lock." }];
  },
};

function judge(state: string, text: string): CheckResult {
  try {
    const lock = parseLock(text, `${state}.tflock`);
    const age = Date.now() - Date.parse(lock.Created);
    const says = `The state ${state} is locked: ${describeLock(lock)}.`;
    if (age < longestJob * 60 * 60_000)
      return { level: "advice", says, next: "A run is at work, or has just been killed: wait for it." };
    return {
      level: "blocks",
      says,
      next: `No run takes so long. Run the workflow "deliver" by hand with "force-unlock: ${lock.ID}"; a lock that a person took, they break: terraform force-unlock ${lock.ID}.`,
    };
  } catch (error) {
    return { level: "blocks", says: messageOf(error), next: "Remove the object by hand when nothing uses the state." };
  }
}

/** What holds Terraform's state. */
export const stateChecks: readonly DoctorCheck[] = [bucket, locks];
