import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateVpcCommand, DeleteVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ECR } from "@aws-sdk/client-ecr";
import { CreateRoleCommand, GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { personalRole } from "./found.ts";
import { type Newcomer, newcomer } from "./test-newcomer.ts";

const account = "123456789012";
const readme = join(import.meta.dirname, "../../terraform/README.md");

let person: Newcomer;
let settings: {
  region: string;
  endpoint: string;
  credentials: Newcomer["emulator"]["credentials"];
  forcePathStyle: true;
};
beforeAll(async () => {
  person = await newcomer(account);
  const { endpoint } = person.proxy;
  settings = { region: "eu-west-1", endpoint, credentials: person.emulator.credentials, forcePathStyle: true };
});
afterAll(() => person[Symbol.asyncDispose]());

const read = (path: string) => readFile(join(person.directory, path), "utf8");
const buckets = async () =>
  (await new S3Client(settings).send(new ListBucketsCommand())).Buckets?.map(({ Name }) => Name) ?? [];
const roles = async () =>
  ((await new IAMClient(settings).send(new ListRolesCommand())).Roles ?? []).flatMap(({ RoleName: name = "" }) =>
    name.startsWith("slipway-") ? name : [],
  );

/** What a person saw, without what is different each time, and without the plan's values. */
function transcript(text: string): string {
  const kept = text
    .replace(/Terraform used the selected providers[^]*?\nPlan: /, "[every resource, with its values]\n\nPlan: ")
    .replace(/\n\nChanges to Outputs:[^]*?\n(?=\nApply)/, "\n")
    .split("\n")
    .filter(
      (line) =>
        !/^(terraform: |[+~] \S+: |= .*(planned|destroyed)$|No Terraform on PATH|Installed Terraform)/.test(line),
    );
  return `\`\`\`console\n$ ./slipway bootstrap\n${kept.join("\n").trim()}\n\`\`\``;
}

test("without a terminal and without answers, one line names what is missing", async () => {
  const { code, text } = await person.silently(["bootstrap", "--account", account]);
  expect(code).toBe(1);
  expect(text.trim().split("\n")).toHaveLength(1);
  expect(text).toMatch(
    /Bootstrap needs --region, --repository, --ids, --email, --admins, and there is no terminal to ask at/,
  );
  expect(text).not.toContain("--account:");
  expect(await buckets()).toEqual([]);
});

test("a wrong option, or another account's credentials, are refused before anything is written", async () => {
  const wrong = await person.silently(["bootstrap", "--yes", "--email", "nobody"]);
  expect(wrong.text).toContain('--email is "nobody": use an e-mail address, or "none".');
  const other = await person.silently(["bootstrap", "--yes", "--account", "210987654321"]);
  expect(other.text).toContain(`--account is "210987654321": your AWS credentials are for the account ${account}.`);
  const unknown = await person.silently(["bootstrap", "--yes", "--repository", "octo-org/other"]);
  expect(unknown.text).toMatch(/Bootstrap needs --ids, and it cannot be found out/);
  expect([wrong.code, other.code, unknown.code]).toEqual([1, 1, 1]);
  expect(person.github.violations.splice(0)).toHaveLength(1);
  expect(await read("slipway.yaml")).toContain('account: "000000000000"');
  expect(await buckets()).toEqual([]);
});

test("a person's role is proposed as it is called in IAM, and nobody for the root user", async () => {
  const Statement = [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: account } }];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const iam = new IAMClient(settings);
  await iam.send(new CreateRoleCommand({ RoleName: "admins", Path: "/people/", AssumeRolePolicyDocument }));
  vi.stubEnv("AWS_ENDPOINT_URL", settings.endpoint);
  const credentials = () => Promise.resolve(settings.credentials);
  const of = (arn: string) => personalRole({ account, arn }, credentials);
  const user = `arn:aws:iam::${account}:user/people/ada`;
  expect(await of(`arn:aws:sts::${account}:assumed-role/admins/ada`)).toBe(
    `arn:aws:iam::${account}:role/people/admins`,
  );
  expect(await of(`arn:aws:sts::${account}:assumed-role/gone/ada`)).toBeUndefined();
  expect(await of(user)).toBe(user);
  expect(await of(`arn:aws:iam::${account}:root`)).toBeUndefined();
  vi.unstubAllEnvs();
});

test("typed answers prepare an empty account, as terraform/README.md shows it", async () => {
  const before = await read("slipway.yaml");
  const { code, text } = await person.atTerminal(
    ["bootstrap"],
    ["", "eu-west-1", "", "nobody", "costs@example.com", `arn:aws:iam::${account}:user/ada`, "y", "y", "y"],
  );
  expect(code, text).toBe(0);

  const after = await read("slipway.yaml");
  const changed = before
    .replace('"000000000000"', `"${account}"`)
    .replace("us-east-1", "eu-west-1")
    .replace("your-name/slipway", "octo-org/octo-repo")
    .replace(/(\n {2}release: .*)/, "$1\n  ids: { owner: 123456, repository: 456789 }")
    .replace(/(\n {6}# admins: .*)/, `$1\n      admins: [arn:aws:iam::${account}:user/ada]`)
    .replace("monthlyUsd: 450 }", "monthlyUsd: 450, email: costs@example.com }");
  expect(after).toBe(changed);
  expect(await read("gitops/bootstrap/settings/repository.yaml")).toContain(
    "  url: https://github.com/octo-org/octo-repo.git\n  branch: main\n",
  );
  expect(await buckets()).toEqual([`slipway-state-${account}-eu-west-1`]);
  const { Role: role } = await new IAMClient(settings).send(new GetRoleCommand({ RoleName: "slipway-apply-dev" }));
  expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? "")).toContain(
    "repo:octo-org@123456/octo-repo@456789:environment:dev",
  );
  expect(person.github.violations).toEqual([]);

  const page = await readFile(readme, "utf8");
  const between = /(<!-- transcript:begin -->\n)[^]*(<!-- transcript:end -->)/;
  expect(page).toMatch(between);
  // "vitest -u" writes it.
  const shown = page.replace(between, (_, begin: string, end: string) => `${begin}\n${transcript(text)}\n\n${end}`);
  await expect(shown).toMatchFileSnapshot(readme);
});

test("once more, without a terminal: what slipway.yaml says counts, and nothing changes", async () => {
  const before = await read("slipway.yaml");
  const { code, text } = await person.silently(["bootstrap", "--yes", "--json"]);
  expect(code, text).toBe(0);
  expect(JSON.parse(text.split("\n").at(-2) ?? "")).toMatchObject({ result: "unchanged", changed: [] });
  expect(await read("slipway.yaml")).toBe(before);
});

test("it does not go while an environment is there, and names it", async () => {
  const ec2 = new EC2Client(settings);
  const tags = { "slipway:project": "slipway", "slipway:environment": "course" };
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { Vpc: vpc } = await ec2.send(
    new CreateVpcCommand({ CidrBlock: "10.9.0.0/16", TagSpecifications: [{ ResourceType: "vpc", Tags }] }),
  );
  const { code, text } = await person.silently(["bootstrap", "--destroy", "--yes"]);
  expect(code).toBe(1);
  expect(text).toMatch(/Nothing was taken away, because an environment is still there:\n {2}course: /);
  expect(text).toContain('Run the workflow "destroy" first for course;');
  expect(await roles()).toHaveLength(3);
  await ec2.send(new DeleteVpcCommand({ VpcId: vpc?.VpcId }));
});

test("it stays where the person says no, and goes whole where they say yes: every version of every state too", async () => {
  const no = await person.atTerminal(["bootstrap", "--destroy"], ["n"]);
  expect([no.code, no.text]).toEqual([1, expect.stringContaining("Stopped: nothing more was taken away.")]);
  expect(await roles()).toHaveLength(3);
  const yes = await person.atTerminal(["bootstrap", "--destroy"], ["y", "y"]);
  expect(yes.code, yes.text).toBe(0);
  expect(yes.text).toMatch(/Delete the bucket slipway-state-123456789012-eu-west-1 with all \d+ versions/);
  expect([await roles(), await buckets()]).toEqual([[], []]);
  const { scanningConfiguration } = await new ECR(settings).getRegistryScanningConfiguration({});
  expect(scanningConfiguration?.rules).toEqual([]);
  const again = await person.silently(["bootstrap", "--destroy", "--yes"]);
  expect([again.code, again.text]).toEqual([0, expect.stringContaining("nothing of a bootstrap is left")]);
});
