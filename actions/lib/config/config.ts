import { readFile } from "node:fs/promises";
import * as z from "zod";
import { isPipelineRole, problemOfAdmin, problemOfAdmins } from "./cluster-admins.ts";
import { domainName, problemsOfNames } from "./names.ts";
import { overlap } from "./networks.ts";
import { type NodeArchitecture, nodesSchema } from "./nodes.ts";
import { problemOfRegion } from "./regions.ts";
import { SlipwayError } from "../core/errors.ts";
import { eksVersions, newestEksVersion } from "../kubernetes/eks-versions.ts";
import { volumePolicies } from "../lifecycle/policies.ts";
import { parseYaml } from "../core/yaml.ts";

const name = (max: number) =>
  z
    .string()
    .max(max)
    .regex(
      /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
      "use lower-case letters, digits and single hyphens, starting with a letter",
    );

const cidr = z.union([z.cidrv4(), z.cidrv6()], { error: "use a network in CIDR form, such as 203.0.113.0/24" });

/** When a lease ends, as it is written down. A date ends at its end; a time without a zone would be anybody's. */
export const leaseUntil = z.union([z.iso.date(), z.iso.datetime()], {
  error: 'use a date such as "2026-12-01", or a time in UTC such as "2026-12-01T18:00:00Z"',
});

const lease = z
  .strictObject({
    until: leaseUntil.describe("The last day, until 24:00 UTC, or a time in UTC."),
    volumes: z
      .enum(volumePolicies)
      .default("snapshot")
      .describe("What becomes of the apps' volumes when the environment is taken away."),
  })
  .describe('When the workflow "lease" takes the environment away by itself; it stays when this is left out.');

/** A text of which a function tells the problem, or none. */
const checked = (problem: (value: string) => string | undefined) =>
  z.string().refine((value) => problem(value) === undefined, { error: ({ input }) => problem(input as string) });

const admins = z
  .array(checked(problemOfAdmin))
  .refine((value) => problemOfAdmins(value) === undefined, { error: ({ input }) => problemOfAdmins(input as string[]) })
  .default([])
  .describe(
    "ARNs of the IAM roles and users that may do everything in the cluster. Without one, only the pipeline gets in: " +
      "whoever creates a cluster gets nothing for it.",
  );

const versions = eksVersions.map(({ version }) => version);

const environment = z.strictObject({
  cluster: z.strictObject({
    version: z
      .enum(versions, {
        error: `use a version that EKS supports, in quotes: ${versions.map((each) => `"${each}"`).join(", ")}`,
      })
      .default(newestEksVersion)
      .describe("Kubernetes' minor version. A cluster goes up one at a time, and never down."),
    nodes: nodesSchema.prefault({}),
    publicAccessCidrs: z
      .array(cidr)
      .min(1)
      .describe("Networks that may reach the Kubernetes API. GitHub-hosted runners have no fixed addresses."),
    admins,
  }),
  network: z
    .strictObject({
      cidr: z.cidrv4().default("10.0.0.0/16"),
      nat: z.enum(["single", "per-zone"]).default("single").describe("One NAT gateway, or one in each zone."),
    })
    .prefault({}),
  budget: z
    .strictObject({
      // 80 % of it is above what an environment of defaults costs in the US and in Europe (terraform/README.md).
      monthlyUsd: z.int().min(1).default(450).describe("AWS Budgets warns when a month passes 80 % of this."),
      email: z.email().optional().describe("Who is warned; nobody when left out."),
    })
    .prefault({}),
  domain: domainName
    .optional()
    .describe(
      "Each app answers at https://<app>.<domain>. A public hosted zone of the account; without it, http alone.",
    ),
  zone: domainName.optional().describe("The hosted zone, where domain is a name below it."),
  lease: lease.optional(),
});

/** First words of names that belong to the pipeline: `<project>-plan` is its role, `<project>-state-…` its bucket. */
const ownWords = ["apply", "deploy", "plan", "state"];

/**
 * Why an environment may not have its name. IAM's patterns tell such names apart (terraform/bootstrap); people, and lists
 * of everything that begins with a name, do not.
 */
function problemOfName(name: string, names: readonly string[]): string | undefined {
  const [word = ""] = name.split("-");
  if (ownWords.includes(word))
    return `the pipeline's own roles and its bucket are called "${word}"; use a name that begins with another word`;
  const longer = names.find((other) => other.startsWith(`${name}-`));
  return longer && `"${longer}" begins with this name and a hyphen; turn one around, as in dev and eu-dev`;
}

/** The schema of `slipway.yaml`, exported for editors by `./slipway schema`. */
export const configSchema = z
  .strictObject({
    project: z
      .string()
      .max(20)
      .regex(/^[a-z][a-z0-9]*$/, "use lower-case letters and digits, starting with a letter: a hyphen ends it in names")
      .describe("Begins the name of everything made in AWS: <project>-<environment>."),
    aws: z.strictObject({
      account: z.string().regex(/^\d{12}$/, "use the 12 digits of the AWS account, in quotes"),
      region: checked(problemOfRegion),
      oidcProvider: z
        .enum(["create", "existing"])
        .default("create")
        .describe("An account has one OIDC provider for GitHub Actions; say existing where something else made it."),
    }),
    git: z.strictObject({
      repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, "use owner/name, as in the address on GitHub"),
      ids: z
        .strictObject({ owner: z.int().positive(), repository: z.int().positive() })
        .optional()
        .describe(
          "GitHub's numbers for the owner and the repository: newer repositories carry them in their identity tokens " +
            "(https://docs.github.com/en/actions/concepts/security/openid-connect).",
        ),
      branch: z.string().min(1).default("main"),
      release: z
        .enum(["push", "pull-request"])
        .default("push")
        .describe("How a release lands: pushed to the branch, or as a pull request where the branch is protected."),
    }),
    build: z
      .strictObject({
        refresh: z
          .enum(["never", "monthly"])
          .default("never")
          .describe(
            "When an image whose base image has no digest is built again though none of its files changed: with the " +
              "first delivery of each month, or never.",
          ),
      })
      .prefault({}),
    deliver: name(20).default("dev").describe("The environment that a push to the branch is delivered to."),
    environments: z
      .record(name(20), environment)
      .refine((value) => Object.keys(value).length > 0, { error: "name at least one environment" }),
  })
  .superRefine((value, context) => {
    const names = Object.keys(value.environments);
    for (const one of names) {
      const problem = problemOfName(one, names);
      if (problem) context.addIssue({ code: "custom", path: ["environments", one], message: problem });
    }
    const { account } = value.aws;
    for (const [one, { cluster }] of Object.entries(value.environments))
      for (const [index, arn] of cluster.admins.entries())
        if (isPipelineRole(arn, { project: value.project, account }))
          context.addIssue({
            code: "custom",
            path: ["environments", one, "cluster", "admins", index],
            message: "the pipeline's roles already have their access; name the roles and users of people",
          });
    const [first, ...others] = Object.entries(value.environments).map(([one, { cluster }]) => ({
      one,
      architecture: cluster.nodes.architecture,
    }));
    for (const { one, architecture } of others)
      if (first && architecture !== first.architecture)
        context.addIssue({
          code: "custom",
          path: ["environments", one, "cluster", "nodes", "architecture"],
          message: `it is ${architecture}, and that of ${first.one} is ${first.architecture}; images are built once for all environments, so give all the same`,
        });
    for (const { environment, key, message } of problemsOfNames(value.environments))
      context.addIssue({ code: "custom", path: ["environments", environment, key], message });
    const networks = Object.entries(value.environments).map(([one, { network }]) => ({ one, cidr: network.cidr }));
    for (const [index, { one, cidr }] of networks.entries()) {
      const other = networks.slice(0, index).find((before) => overlap(before.cidr, cidr));
      if (other)
        context.addIssue({
          code: "custom",
          path: ["environments", one, "network", "cidr"],
          message: `${cidr} overlaps the network of ${other.one}, ${other.cidr}; give each environment a network of its own`,
        });
    }
    if (!Object.hasOwn(value.environments, value.deliver))
      context.addIssue({
        code: "custom",
        path: ["deliver"],
        message: `"${value.deliver}" is not an environment; allowed: ${Object.keys(value.environments).join(", ")}`,
      });
  });

/** What `slipway.yaml` says, with defaults filled in. */
export type Config = z.infer<typeof configSchema>;

/** One environment of `slipway.yaml`. */
export type EnvironmentConfig = Config["environments"][string];

/**
 * Reads and checks `slipway.yaml`.
 *
 * @param path the file's path
 * @throws SlipwayError naming the file, the line, the path in the file and what the value may be, for every error at once
 */
export async function readConfig(path: string): Promise<Config> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new SlipwayError(`${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      next: "Run from the root of the repository.",
      cause,
    });
  });
  return parseConfig(text, path);
}

/** As `readConfig`, for text that is already read; `path` is only named in errors. */
export function parseConfig(text: string, path = "slipway.yaml"): Config {
  return parseYaml(configSchema, text, path, "scripts/slipway.schema.json describes every key.");
}

/** The settings of one environment. @throws SlipwayError naming the environments there are */
export function environmentOf(config: Config, name: string): EnvironmentConfig {
  const found = Object.hasOwn(config.environments, name) ? config.environments[name] : undefined;
  if (!found)
    throw new SlipwayError(`Environment "${name}" is not in slipway.yaml.`, {
      next: `Allowed: ${Object.keys(config.environments).join(", ")}.`,
    });
  return found;
}

/** The processors that images are built for: those of the nodes, in all environments the same. */
export function architectureOfImages({ environments }: Config): NodeArchitecture {
  return Object.values(environments)[0]?.cluster.nodes.architecture ?? "amd64";
}
