import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentOf, parseConfig, readConfig } from "./config.ts";

const file = join(import.meta.dirname, "../../../slipway.yaml");
const text = await readFile(file, "utf8");

/** The message and the next step of the error that a changed slipway.yaml gives. */
function errorFor(from: string | RegExp, to: string): string {
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  try {
    parseConfig(changed);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("It was accepted.");
}

test("the repository's own slipway.yaml is right, and defaults are filled in", async () => {
  const config = await readConfig(file);
  expect(config.project).toBe("slipway");
  expect(environmentOf(config, "dev").cluster.nodes).toMatchObject({ types: ["t3.large"], min: 1, desired: 2, max: 3 });
  const sparse = parseConfig(text.replace(/\n {6}nodes:.*\n/, "\n").replace(/\n {4}network:.*\n/, "\n"));
  expect(environmentOf(sparse, "dev").network).toEqual({ cidr: "10.0.0.0/16", nat: "single" });
  expect(environmentOf(sparse, "dev").cluster.nodes.max).toBe(3);
});

test.each([
  [
    "an unknown key",
    "project: slipway",
    "project: slipway\nprojekt: x",
    /slipway\.yaml:3: projekt: is not a key that Slipway knows\./,
  ],
  ["an unknown nested key", "nat: single", "nats: single", /environments\.dev\.network\.nats: is not a key/],
  ["a number for the account", /"0{12}"/, "123", /slipway\.yaml:4: aws\.account: .*expected string/],
  ["a short account", /"0{12}"/, '"123"', /aws\.account: use the 12 digits of the AWS account, in quotes\./],
  ["a wrong choice", "nat: single", "nat: none", /environments\.dev\.network\.nat: .*"single"\|"per-zone"/],
  ["an unknown region", "us-east-1", "virginia", /aws\.region: use an AWS region, such as us-east-1\./],
  [
    "a region of another partition",
    "us-east-1",
    "us-gov-west-1",
    /slipway\.yaml:5: aws\.region: us-gov-west-1 is in AWS GovCloud .*; use a region of the partition aws, such as us-east-1\.$/,
  ],
  [
    "the root user as an administrator",
    "      publicAccessCidrs:",
    "      admins: ['arn:aws:iam::000000000000:root']\n      publicAccessCidrs:",
    /slipway\.yaml:\d+: environments\.dev\.cluster\.admins\.0: EKS gives the root user no access; use the ARN/,
  ],
  [
    "a session as an administrator",
    "      publicAccessCidrs:",
    "      admins: ['arn:aws:sts::000000000000:assumed-role/admin/ada']\n      publicAccessCidrs:",
    /cluster\.admins\.0: this is one session of a role; use the role itself, arn:aws:iam::000000000000:role\/admin, with/,
  ],
  [
    "an administrator who is there twice",
    "      publicAccessCidrs:",
    "      admins: ['arn:aws:iam::000000000000:user/ada', 'arn:aws:iam::000000000000:user/ada']\n      publicAccessCidrs:",
    /cluster\.admins: arn:aws:iam::000000000000:user\/ada is there twice; name each role and user once\./,
  ],
  [
    "a role of the pipeline as an administrator",
    "      publicAccessCidrs:",
    "      admins: ['arn:aws:iam::000000000000:role/slipway-plan']\n      publicAccessCidrs:",
    /cluster\.admins\.0: the pipeline's roles already have their access; name the roles and users of people\./,
  ],
  [
    "a Kubernetes version that EKS does not have",
    /version: "1.\d+"/,
    'version: "1.37"',
    /slipway\.yaml:\d+: environments\.dev\.cluster\.version: use a version that EKS supports, in quotes: "1\.34", "1\.35", "1\.36"\./,
  ],
  [
    "one whose support has ended",
    /version: "1.\d+"/,
    'version: "1.33"',
    /cluster\.version: use a version that EKS supports/,
  ],
  [
    "one without quotes",
    /version: "1.\d+"/,
    "version: 1.36",
    /cluster\.version: use a version that EKS supports, in quotes/,
  ],
  ["sizes in the wrong order", "max: 3", "max: 1", /cluster\.nodes: must hold min <= desired <= max\./],
  [
    "an environment that is not there",
    "deliver: dev",
    "deliver: prod",
    /deliver: "prod" is not an environment; allowed: dev\./,
  ],
  [
    "an Arm type",
    /nodes:.*/,
    "nodes: { types: [t4g.large, m7g.large] }",
    /slipway\.yaml:\d+: environments\.dev\.cluster\.nodes\.types: t4g\.large, m7g\.large has an Arm processor, but nodes\.architecture is amd64; use types such as t3\.large, or say architecture: arm64\./,
  ],
  [
    "a mixture of processors",
    /nodes:.*/,
    "nodes: { types: [t3.large, c7g.large] }",
    /nodes\.types: c7g\.large has an Arm processor, but/,
  ],
  [
    "an x86 type among Arm ones",
    /nodes:.*/,
    "nodes: { architecture: arm64, types: [t4g.large, t3.large] }",
    /nodes\.types: t3\.large has an x86 processor, but nodes\.architecture is arm64; use types such as t4g\.large, or say architecture: amd64\./,
  ],
  [
    "spot next to spot",
    /nodes:.*/,
    "nodes: { capacity: spot, spot: {} }",
    /nodes\.spot: the node group next to it is spot capacity already/,
  ],
  [
    "an Arm type among the spot ones",
    /nodes:.*/,
    "nodes: { spot: { types: [m7g.large] } }",
    /nodes\.spot\.types: m7g\.large has an Arm processor/,
  ],
  [
    "environments with different processors",
    "environments:",
    "environments:\n  prod: { cluster: { publicAccessCidrs: [192.0.2.0/24], nodes: { architecture: arm64 } }, network: { cidr: 10.1.0.0/16 } }",
    /environments\.dev\.cluster\.nodes\.architecture: it is amd64, and that of prod is arm64; images are built once for all environments, so give all the same\./,
  ],
  [
    "two environments with the default network",
    "environments:",
    "environments:\n  prod: { cluster: { publicAccessCidrs: [192.0.2.0/24] } }",
    /slipway\.yaml:\d+: environments\.dev\.network\.cidr: 10\.0\.0\.0\/16 overlaps the network of prod, 10\.0\.0\.0\/16; give each environment a network of its own\./,
  ],
  [
    "networks of which one is in the other",
    "environments:",
    "environments:\n  prod: { cluster: { publicAccessCidrs: [192.0.2.0/24] }, network: { cidr: 10.0.64.0/20 } }",
    /environments\.dev\.network\.cidr: 10\.0\.0\.0\/16 overlaps the network of prod, 10\.0\.64\.0\/20/,
  ],
  ["an invalid network", "[0.0.0.0/0]", "[anywhere]", /publicAccessCidrs\.0: use a network in CIDR form/],
  [
    "a domain that is an address",
    "environments:\n  dev:",
    "environments:\n  dev:\n    domain: https://example.com",
    /slipway\.yaml:\d+: environments\.dev\.domain: use a name of at most 62 lower-case letters, digits, hyphens and dots, such as dev\.example\.com\./,
  ],
  [
    "a domain with a dot at its end",
    "environments:\n  dev:",
    "environments:\n  dev:\n    domain: example.com.",
    /dev\.domain: use a name/,
  ],
  ["a domain of one word", "environments:\n  dev:", "environments:\n  dev:\n    domain: example", /dev\.domain: use a/],
  [
    "a domain that is not in its zone",
    "environments:\n  dev:",
    "environments:\n  dev:\n    domain: dev.example.com\n    zone: ample.com",
    /slipway\.yaml:\d+: environments\.dev\.zone: dev\.example\.com is not in ample\.com; name the hosted zone that ends it\./,
  ],
  [
    "a zone without a domain",
    "environments:\n  dev:",
    "environments:\n  dev:\n    zone: example.com",
    /environments\.dev\.zone: a zone serves only with a domain in it; add domain\./,
  ],
  [
    "two environments with one domain",
    "environments:\n  dev:",
    "environments:\n  prod: { domain: example.com, cluster: { publicAccessCidrs: [192.0.2.0/24] }, network: { cidr: 10.9.0.0/16 } }\n  dev:\n    domain: example.com",
    /environments\.dev\.domain: example\.com is the domain of prod, too; give each its own, such as dev\.example\.com\./,
  ],
  ["text that is not YAML", "project: slipway", "project: [slipway", /slipway\.yaml: /],
])("%s is one clear line with its place in the file", (_case, from, to, expected) => {
  const message = errorFor(from, to);
  expect(message).toMatch(expected);
  expect(message.split("\n")).toHaveLength(1);
});

test("several errors are reported together", () => {
  const message = errorFor(/nat: single([\s\S]*)monthlyUsd: 450/, "nat: none$1monthlyUsd: free");
  expect(message.split("\n")).toHaveLength(2);
});

test("a file that is not there, and an environment that is not there, say what to do", async () => {
  await expect(readConfig("nowhere/slipway.yaml")).rejects.toThrow("nowhere/slipway.yaml cannot be read (ENOENT).");
  const config = parseConfig(text);
  expect(() => environmentOf(config, "prod")).toThrow('Environment "prod" is not in slipway.yaml.');
  expect(() => environmentOf(config, "constructor")).toThrow("is not in slipway.yaml");
});

/** The settings with environments of these names. */
const named = (...names: string[]) =>
  text
    .replace("deliver: dev", `deliver: ${names[0]}`)
    .replace(
      /environments:[^]*/,
      `environments:\n${names.map((name, index) => `  ${name}: ${minimal(index)}\n`).join("")}`,
    );
const minimal = (index: number) =>
  `{ cluster: { publicAccessCidrs: [203.0.113.0/24] }, network: { cidr: 10.${index}.0.0/16 } }`;

test.each(["eu", "2", "eu-west", "apply", "x-dev"])("of dev and dev-%s, one is refused", (end) => {
  for (const names of [
    ["dev", `dev-${end}`],
    [`dev-${end}`, "dev"],
    ["other", `dev-${end}`, "dev"],
  ])
    expect(() => parseConfig(named(...names))).toThrow(/environments\.dev: .*turn one around, as in dev and eu-dev/);
});

test.each([
  ["dev", "eu-dev"],
  ["dev", "devel"],
  ["d", "dev", "eu"],
  ["registry", "bootstrap", "node"],
  ["applied", "planet", "states", "dev-apply"],
])("environments may be called %s and %s", (...names) => {
  expect(Object.keys(parseConfig(named(...names)).environments).sort()).toEqual(names.sort());
});

test.each(["apply", "apply-dev", "apply-dev-eu", "plan", "plan-dev", "deploy", "deploy-eu", "state", "state-dev"])(
  "an environment called %s would have names of the pipeline's own",
  (name) => {
    expect(() => parseConfig(named("dev", name))).toThrow(/environments\.[a-z-]+: .*begins with another word/);
  },
);

test.each(["slip-way", "a-b", "slip_way", "slip.way", "slip/way", "slip*"])("%s is not a project's name", (project) => {
  expect(() => parseConfig(text.replace(/^project: .*/m, `project: "${project}"`))).toThrow(
    /project: .*a hyphen ends it/,
  );
});
