import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { parseConfig } from "../../actions/lib/config/config.ts";
import { pinnedChecksums } from "../../actions/lib/terraform/run/version.ts";
import { readApiDescription } from "../rehearsal/github/github-description.ts";
import { repositoryOf } from "./found.ts";
import { branchRules, describeSteps, githubSteps } from "./github-steps.ts";
import { Answering, arnsIn, refuseSilence } from "./questions.ts";
import { withSettings } from "./settings.ts";

const own = await readFile(join(import.meta.dirname, "../../slipway.yaml"), "utf8");
const answers = {
  account: "123456789012",
  region: "eu-west-1",
  repository: "octo-org/octo-repo",
  ids: { owner: 1, repository: 2 },
  email: "costs@example.com",
  admins: ["arn:aws:iam::123456789012:role/admin"],
};

test.each([
  ["git@github.com:octo-org/octo.repo.git", "octo-org/octo.repo"],
  ["https://github.com/octo-org/octo-repo", "octo-org/octo-repo"],
  ["https://token@github.com/octo-org/octo-repo.git/", "octo-org/octo-repo"],
  ["ssh://git@github.com:22/octo-org/octo-repo.git", "octo-org/octo-repo"],
  ["https://gitlab.com/octo-org/octo-repo.git", undefined],
  ["https://github.com.example.org/octo-org/octo-repo", undefined],
  ["/srv/git/octo-org/octo-repo.git", undefined],
])("the repository at %s is %s", (address, expected) => {
  expect(repositoryOf(address)).toBe(expected);
});

describe("answers", () => {
  it("are asked for again until they are right, and an empty one takes what is proposed", async () => {
    const typed = ["12", "", "nobody", "none", "arn:aws:iam::123456789012:root", ""];
    const asked: string[] = [];
    const said: string[] = [];
    const ask = (question: string) => {
      asked.push(question);
      return Promise.resolve(typed.shift() ?? "");
    };
    const answering = new Answering({ given: { region: "eu-west-1" }, ask, log: (line) => said.push(line) });
    expect(await answering.answer("account", "123456789012")).toBe("123456789012");
    expect(await answering.answer("region", "us-east-1")).toBe("eu-west-1");
    expect(await answering.answer("email", undefined)).toBe("none");
    const admins = "arn:aws:iam::123456789012:role/a, arn:aws:iam::123456789012:user/b";
    expect(arnsIn(await answering.answer("admins", admins))).toEqual(admins.split(", "));
    expect(asked[0]).toBe("AWS account (12 digits) [123456789012]:");
    expect(said).toEqual([
      expect.stringContaining('"12": use the 12 digits'),
      expect.stringContaining('"nobody": use an e-mail'),
      expect.stringContaining('"arn:aws:iam::123456789012:root": EKS gives the root user no access'),
    ]);
  });

  it("that nobody gives are named, all of them, with their options", async () => {
    const answering = new Answering({ given: {}, ask: undefined, log: () => {} });
    await answering.answer("account", "123456789012");
    await answering.answer("repository", undefined);
    await answering.answer("ids", undefined);
    expect(() => answering.end()).toThrow(/^Bootstrap needs --repository, --ids, and it cannot be found out/);
    expect(() =>
      refuseSilence({ account: "1", region: "r", repository: "o/n", ids: "none", email: "none", admins: "none" }),
    ).toThrow("no terminal to ask for a yes");
  });

  it("do not leave the example's repository in place", async () => {
    const answering = new Answering({ given: { repository: "your-name/slipway" }, ask: undefined, log: () => {} });
    await expect(answering.answer("repository", undefined)).rejects.toThrow("this is the example's name");
  });
});

describe("slipway.yaml", () => {
  const set = withSettings(own, answers);

  it("gets the answers, and the same answers change nothing", () => {
    const { aws, git, environments } = parseConfig(set);
    expect([aws.account, aws.region, git.repository, git.ids]).toEqual([
      "123456789012",
      "eu-west-1",
      "octo-org/octo-repo",
      { owner: 1, repository: 2 },
    ]);
    expect(environments.dev?.budget.email).toBe("costs@example.com");
    expect(environments.dev?.cluster.admins).toEqual(answers.admins);
    expect(withSettings(set, answers)).toBe(set);
  });

  it("loses the numbers of another repository, and the address that nobody wants warned", () => {
    const without = withSettings(set, { ...answers, ids: undefined, email: undefined });
    expect(parseConfig(without).git.ids).toBeUndefined();
    expect(parseConfig(without).environments.dev?.budget.email).toBeUndefined();
  });

  it("keeps the address and the administrators of an environment that has others", () => {
    const prod =
      "\n  prod:\n    cluster: { publicAccessCidrs: [0.0.0.0/0], admins: ['arn:aws:iam::123456789012:user/ops'] }\n    network: { cidr: 10.1.0.0/16 }\n    budget: { email: prod@example.com }\n";
    const { environments } = parseConfig(withSettings(set.trimEnd() + prod, { ...answers, email: "new@example.com" }));
    expect([environments.dev?.budget.email, environments.prod?.budget.email]).toEqual([
      "new@example.com",
      "prod@example.com",
    ]);
    expect(environments.prod?.cluster.admins).toEqual(["arn:aws:iam::123456789012:user/ops"]);
  });

  it("lets in nobody where nobody is named any more", () => {
    expect(parseConfig(withSettings(set, { ...answers, admins: [] })).environments.dev?.cluster.admins).toEqual([]);
  });
});

describe("what is left to do on GitHub", () => {
  const config = parseConfig(withSettings(own, answers));
  const proposing = parseConfig(withSettings(own, answers).replace("release: push", "release: pull-request"));

  it.each([
    [config, ["environments", "rules", "environments"]],
    [proposing, ["environments", "rules", "actions"]],
  ])("is three things, each with its page and a command", (settings, pages) => {
    const steps = githubSteps(settings);
    expect(steps.map(({ link }) => link)).toEqual(
      pages.map((page) => `https://github.com/octo-org/octo-repo/settings/${page}`),
    );
    for (const { commands } of steps)
      for (const each of commands) expect(each).toMatch(/^gh api -X (PUT|POST) repos\/octo-org\/octo-repo\//);
  });

  it.each([false, true])("has rules that GitHub takes (releases by pull request: %s)", async (proposes) => {
    const operation = (await readApiDescription()).operation("/repos/{owner}/{repo}/rulesets", "POST");
    expect(operation.checkRequest(new URLSearchParams(), branchRules("main", proposes))).toEqual([]);
    expect(JSON.stringify(branchRules("main", proposes)).includes('"Checked"')).toBe(proposes);
  });

  it("says of a private repository that it needs a key and what its plan protects", () => {
    expect(describeSteps(config, true)).toMatch(/paid plans only: .github\/PROTECTION.md.*slipway repository/);
    expect(describeSteps(config, false)).not.toContain("private");
  });
});

// A bootstrap is run on a person's own machine.
test("Terraform can be had for Macs and for Arm machines", () => {
  expect(Object.keys(pinnedChecksums).sort()).toEqual(["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"]);
});

test("nothing that a bootstrap loads asks for what only Linux has", async () => {
  const seen = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = await readFile(file, "utf8");
    expect(text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ""), file).not.toMatch(
      /["'`]\/(proc|sys)\/|apt-get|platform\(\) === "linux"/,
    );
    // Of a module that only gives types, nothing is loaded.
    const loading = text.replaceAll(/import type [^;]*;/g, "");
    for (const [, path = ""] of loading.matchAll(/(?:from|import\()\s*"(\.[^"]+\.ts)"/g))
      await visit(join(file, "..", path));
  };
  await visit(join(import.meta.dirname, "../commands/bootstrap.ts"));
  expect(seen.size).toBeGreaterThan(30);
});
