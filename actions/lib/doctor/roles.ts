import { roleArn } from "../aws/credentials.ts";
import { environmentOf } from "../config/config.ts";
import { nodeGroups } from "../config/nodes.ts";
import { asked } from "./account.ts";
import type { DoctorCheck, CheckResult, Subject, TokenFacts } from "./finding.ts";
import { afterBootstrap, runBootstrap } from "./state.ts";
import { type TokenClaims, issuer, trusts } from "./trust.ts";

const audience = "sts.amazonaws.com";

/** GitHub's OIDC provider, of which an account has one. */
const provider: DoctorCheck = {
  id: "oidc-provider",
  title: "GitHub's OIDC provider in IAM",
  explains: /OpenIDConnect provider|OIDC provider|EntityAlreadyExists.*oidc-provider/i,
  async look(subject) {
    const { config, before } = subject;
    const account = before === "bootstrap" ? await subject.account() : await afterBootstrap(subject);
    const arn = providerArn(subject);
    const found = await findProvider(subject);
    const existing = config.aws.oidcProvider === "existing";
    if (!found) {
      if (before === "bootstrap" && !existing) return [{ level: "ok", says: "Bootstrap makes it." }];
      return [
        {
          level: "blocks",
          says: `The account has no OIDC provider for GitHub (${arn}).`,
          next: existing
            ? 'Say "oidcProvider: create" under "aws" in slipway.yaml, and run ./slipway bootstrap.'
            : runBootstrap,
        },
      ];
    }
    if (!found.includes(audience))
      return [
        {
          level: "blocks",
          says: `GitHub's OIDC provider does not take tokens for ${audience}, but for ${found.join(", ") || "nobody"}.`,
          next: `aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn ${arn} --client-id ${audience}`,
        },
      ];
    // Terraform makes it where slipway.yaml says so, and AWS refuses a second one.
    const state = existing ? undefined : await account.store.read("bootstrap/terraform.tfstate").catch(() => undefined);
    if (!existing && before === "bootstrap" && !state?.text.includes('"aws_iam_openid_connect_provider"'))
      return [
        {
          level: "blocks",
          says: "The account has GitHub's OIDC provider already, and bootstrap would make it once more.",
          next: 'Say "oidcProvider: existing" under "aws" in slipway.yaml.',
        },
      ];
    return [{ level: "ok", says: `${issuer} is there, for ${audience}.` }];
  },
};

const providerArn = ({ config }: Subject) => `arn:aws:iam::${config.aws.account}:oidc-provider/${issuer}`;

/** For whom the provider takes tokens; undefined where there is none. */
async function findProvider(subject: Subject): Promise<string[] | undefined> {
  const { clients } = await subject.account();
  const { GetOpenIDConnectProviderCommand, NoSuchEntityException } = await import("@aws-sdk/client-iam");
  return asked("Looking for GitHub's OIDC provider", async () => {
    try {
      const input = { OpenIDConnectProviderArn: providerArn(subject) };
      return (await clients.iam.send(new GetOpenIDConnectProviderCommand(input))).ClientIDList ?? [];
    } catch (error) {
      if (error instanceof NoSuchEntityException) return undefined;
      throw error;
    }
  });
}

/** A role of the pipeline, and what the token says of the job that takes it on. */
interface RequiredRole {
  role: string;
  /** The end of `sub`, behind the repository. */
  context: string;
  /** For jobs of deliver.yml on the branch. */
  workflow: boolean;
}

/** Each role of the pipeline trusts exactly the token that GitHub will send. */
const roles: DoctorCheck = {
  id: "role-trust",
  title: "the roles and whom they trust",
  needsBootstrap: true,
  explains: /did not let this job take on/,
  async look(subject) {
    await afterBootstrap(subject);
    const { config, environment } = subject;
    const branch = `ref:refs/heads/${config.git.branch}`;
    const wanted: RequiredRole[] = [
      { role: "plan", context: branch, workflow: false },
      { role: "deploy", context: branch, workflow: true },
      { role: `apply-${environment}`, context: `environment:${environment}`, workflow: true },
    ];
    const facts = await subject.tokens();
    const found = await Promise.all(wanted.map((each) => judge(each, facts, subject)));
    return found.flat();
  },
};

/** The ways in which GitHub may write the repository in `sub`: one, where somebody can tell which. */
function repositoriesIn({ config }: Subject, { ids: real, inSubject }: TokenFacts): string[] {
  const { repository } = config.git;
  // Ids that are wrong in slipway.yaml are another check's.
  const ids = config.git.ids ?? real;
  const [owner = "", name = ""] = repository.split("/");
  const withIds = ids ? [`${owner}@${ids.owner}/${name}@${ids.repository}`] : [];
  if (inSubject === undefined) return [repository, ...withIds];
  return inSubject && ids ? withIds : [repository];
}

async function judge(wanted: RequiredRole, facts: TokenFacts, subject: Subject): Promise<CheckResult[]> {
  const { config } = subject;
  const name = `${config.project}-${wanted.role}`;
  const policy = await trustPolicy(name, subject);
  if (policy === undefined) return [{ level: "blocks", says: `The role ${name} is missing.`, next: runBootstrap }];
  const claimsOf = (repository: string): TokenClaims => claims(wanted, repository, facts, subject);
  const names = repositoriesIn(subject, facts);
  const arn = providerArn(subject);
  const refused = names.find((repository) => !trusts(policy, arn, claimsOf(repository)));
  if (refused !== undefined)
    return [
      {
        level: "blocks",
        says: `${name} does not trust the token that GitHub will send: its sub is "${claimsOf(refused).sub}".`,
        next: "Make slipway.yaml say the repository, its ids and its branch as they are on GitHub, and run ./slipway bootstrap again.",
      },
    ];
  const stranger = { ...claimsOf("someone/else"), repository: "someone/else", repository_id: "1" };
  if (trusts(policy, arn, stranger))
    return [
      {
        level: "unprotected",
        says: `${name} trusts jobs of other repositories.`,
        next: "Run ./slipway bootstrap again: it brings the role's trust back to this repository.",
      },
    ];
  return names.map((repository) => ({ level: "ok", says: `${name} trusts sub "${claimsOf(repository).sub}".` }));
}

function claims(
  { context, workflow }: RequiredRole,
  written: string,
  { ids }: TokenFacts,
  { config }: Subject,
): TokenClaims {
  const { repository, branch } = config.git;
  const id = (config.git.ids ?? ids)?.repository;
  return {
    aud: audience,
    sub: `repo:${written}:${context}`,
    repository,
    ref: `refs/heads/${branch}`,
    ...(workflow ? { job_workflow_ref: `${repository}/.github/workflows/deliver.yml@refs/heads/${branch}` } : {}),
    repository_id: id === undefined ? undefined : String(id),
  };
}

/** A role's trust policy; undefined where there is no such role. */
async function trustPolicy(name: string, subject: Subject): Promise<string | undefined> {
  const { clients } = await subject.account();
  const { GetRoleCommand, NoSuchEntityException } = await import("@aws-sdk/client-iam");
  return asked(`Looking at the role ${name}`, async () => {
    try {
      const { Role } = await clients.iam.send(new GetRoleCommand({ RoleName: name }));
      return decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "");
    } catch (error) {
      if (error instanceof NoSuchEntityException) return undefined;
      throw error;
    }
  });
}

/** Roles that AWS's services use, made at their first use in the name of whoever calls; as in terraform/bootstrap. */
function serviceRoles({ config, environment }: Subject): Readonly<Record<string, string>> {
  const groups = Object.values(nodeGroups(environmentOf(config, environment).cluster.nodes));
  return {
    AWSServiceRoleForAmazonEKS: "eks.amazonaws.com",
    AWSServiceRoleForAmazonEKSNodegroup: "eks-nodegroup.amazonaws.com",
    AWSServiceRoleForAutoScaling: "autoscaling.amazonaws.com",
    AWSServiceRoleForElasticLoadBalancing: "elasticloadbalancing.amazonaws.com",
    ...(groups.some(({ capacity }) => capacity === "spot") && { AWSServiceRoleForEC2Spot: "spot.amazonaws.com" }),
  };
}

/** A service-linked role is there, or the role that applies may have it made. */
const serviceLinkedRoles: DoctorCheck = {
  id: "service-linked-roles",
  title: "service-linked roles",
  needsBootstrap: true,
  explains: /CreateServiceLinkedRole|service-linked role|AWSServiceRoleFor/i,
  async look(subject) {
    const { clients } = await afterBootstrap(subject);
    const { config, environment } = subject;
    const apply = roleArn(config.aws.account, `${config.project}-apply-${environment}`);
    const { SimulatePrincipalPolicyCommand } = await import("@aws-sdk/client-iam");
    const missing: { name: string; service: string; decision: string | undefined }[] = [];
    for (const [name, service] of Object.entries(serviceRoles(subject))) {
      if ((await trustPolicy(name, subject)) !== undefined) continue;
      const { EvaluationResults: [result] = [] } = await asked(`Asking whether ${apply} may have ${name} made`, () =>
        clients.iam.send(
          new SimulatePrincipalPolicyCommand({
            PolicySourceArn: apply,
            ActionNames: ["iam:CreateServiceLinkedRole"],
            ResourceArns: [`arn:aws:iam::${config.aws.account}:role/aws-service-role/${service}/${name}`],
            ContextEntries: [
              { ContextKeyName: "iam:AWSServiceName", ContextKeyType: "string", ContextKeyValues: [service] },
            ],
          }),
        ),
      );
      missing.push({ name, service, decision: result?.EvalDecision });
    }
    const names = missing.map(({ name }) => name).join(", ");
    if (missing.length === 0) return [{ level: "ok", says: "All are there." }];
    if (missing.every(({ decision }) => decision === "allowed"))
      return [{ level: "ok", says: `${names}: made when they are needed first, in the name of ${apply}.` }];
    const commands = missing.map(({ service }) => `aws iam create-service-linked-role --aws-service-name ${service}`);
    return [
      {
        level: "blocks",
        says: `The account has no ${names}, and ${apply} may not have them made.`,
        next: commands.join(" && "),
      },
    ];
  },
};

/** Who may do what. */
export const roleChecks: readonly DoctorCheck[] = [provider, roles, serviceLinkedRoles];
