import { type AwsCredentialProvider, callerIdentity } from "../../actions/lib/aws/credentials.ts";
import type { Config } from "../../actions/lib/config/config.ts";
import { isPipelineRole } from "../../actions/lib/config/cluster-admins.ts";
import { explain, SlipwayError } from "../../actions/lib/core/errors.ts";
import {
  type KnownRepository,
  lookUpRepository,
  personalEmail,
  personalRole,
  remoteRepository,
  usualRegion,
} from "./found.ts";
import { Answering, arnsIn, type Interview, isExample } from "./questions.ts";
import type { BootstrapSettings } from "./settings.ts";

/** What an interview is about, and where it finds what it proposes. */
export interface InterviewOptions extends Interview {
  /** The clone's folder. */
  directory: string;
  /** slipway.yaml as it is: what it says already is proposed, unless it is the example's. */
  config: Config;
  credentials: AwsCredentialProvider;
  /** A token for GitHub; undefined where the person has none. */
  token: string | undefined;
}

/** What came of it. */
export interface Interviewed {
  settings: BootstrapSettings;
  /** Whether the repository is private; undefined where GitHub could not be asked. */
  private: boolean | undefined;
}

/**
 * Finds out what a bootstrap needs: from the command line, from AWS, git and GitHub, and from the person.
 *
 * @throws SlipwayError when nobody is signed in to AWS, for a wrong option, and naming every answer that is missing
 */
export async function interview(options: InterviewOptions): Promise<Interviewed> {
  const { config, directory, given, log } = options;
  const answering = new Answering(options);
  // Somebody else's region is not a proposal, and the example's is nobody's.
  const usual = isExample(config.aws.account) ? await usualRegion() : undefined;
  const identity = await callerIdentity(given.region ?? usual ?? config.aws.region, options.credentials);
  log(`You are signed in to the AWS account ${identity.account} as ${identity.arn}.`);
  const otherAccount = (text: string) =>
    text === identity.account ? undefined : `your AWS credentials are for the account ${identity.account}`;
  const proposed = isExample(config.aws.account) ? identity.account : config.aws.account;
  const account = await answering.answer("account", proposed, otherAccount);
  const region = await answering.answer("region", usual ?? config.aws.region);

  const origin = await remoteRepository(directory);
  const named = isExample(config.git.repository) ? origin : config.git.repository;
  const repository = await answering.answer("repository", named);
  const found = repository === "" ? undefined : await lookUp(repository, options);
  const ids = await idsOf(found, repository, answering, options);
  const email = await answering.answer(
    "email",
    config.environments[config.deliver]?.budget.email ?? (await personalEmail(directory)),
  );
  const { admins: before = [] } = config.environments[config.deliver]?.cluster ?? {};
  const known = before.length > 0 ? before : [(await personalRole(identity, options.credentials)) ?? "none"];
  const admins = await answering.answer("admins", known.join(", "), (text) =>
    arnsIn(text).some((arn) => isPipelineRole(arn, { project: config.project, account }))
      ? "the pipeline's roles already have their access; name the roles and users of people"
      : undefined,
  );
  answering.end();
  return {
    settings: {
      account,
      region,
      repository: found?.name ?? repository,
      ids,
      email: email === "none" ? undefined : email,
      admins: arnsIn(admins),
    },
    private: found?.private,
  };
}

/** Asks GitHub; says why where it does not tell. */
async function lookUp(repository: string, { token, log }: InterviewOptions): Promise<KnownRepository | undefined> {
  let found: KnownRepository;
  try {
    found = await lookUpRepository(repository, token);
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    log(explain(error));
    return undefined;
  }
  if (found.name !== repository) log(`GitHub calls it ${found.name}, which is what its tokens say.`);
  return found;
}

/** GitHub's numbers: an option's, GitHub's own, those of slipway.yaml for the same repository, else the person's. */
async function idsOf(
  found: KnownRepository | undefined,
  repository: string,
  answering: Answering,
  { config, given, log }: InterviewOptions,
): Promise<BootstrapSettings["ids"]> {
  if (found && given.ids === undefined) {
    log(`GitHub knows ${found.name} as owner ${found.ids.owner}, repository ${found.ids.repository}.`);
    return found.ids;
  }
  const { ids } = config.git;
  const before = ids && config.git.repository === repository ? `${ids.owner}/${ids.repository}` : undefined;
  const answer = await answering.answer("ids", before);
  if (!answer.includes("/")) return undefined;
  const [owner, number] = answer.split("/").map(Number);
  return { owner: owner ?? 0, repository: number ?? 0 };
}
