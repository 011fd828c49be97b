import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { git, gitText } from "../../../actions/lib/git/git.ts";
import { type GitServer, startGitServer } from "./git-server.ts";
import { ensurePython } from "../tools/python.ts";
import { createRunner, type Runner } from "./runner.ts";

const tokens = { person: "person-token", bot: "bot-token-0123456789" };
const workflow = `
name: deliver
on: { push: { branches: [main], paths-ignore: ["**.md"] } }
permissions: {}
jobs:
  plan:
    name: Plan
    runs-on: ubuntu-24.04
    permissions: { contents: read, id-token: write }
    outputs: { build: "\${{ steps.plan.outputs.build }}", environment: dev }
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with: { persist-credentials: false }
      - id: plan
        uses: ./actions/plan
        with: { token: "\${{ github.token }}" }
  infra:
    name: Infra
    needs: plan
    if: needs.plan.outputs.build == 'no'
    runs-on: ubuntu-24.04
    steps: [{ run: exit 1 }]
  build:
    name: Build \${{ matrix.images }}
    needs: plan
    environment: \${{ needs.plan.outputs.environment }}
    permissions: { id-token: write }
    concurrency: { group: build, cancel-in-progress: false, queue: max }
    runs-on: ubuntu-24.04
    strategy: { fail-fast: false, matrix: { include: "\${{ fromJSON(needs.plan.outputs.build) }}" } }
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
      # A step of its own: act may drop the last output of a step that fails.
      - run: echo "asks $ACTIONS_ID_TOKEN_REQUEST_URL of $WORLD"
      - run: test ! -e fail || test "\${{ matrix.images }}" != web
  sum:
    name: Delivered
    needs: [plan, infra, build]
    if: always()
    runs-on: ubuntu-24.04
    steps:
      - if: contains(needs.*.result, 'failure')
        run: exit 1
`;
const action = `
import { appendFileSync } from "node:fs";
import { shared } from "./shared.js";
const { env } = process;
console.log("node", process.version, shared, "token", env.INPUT_TOKEN);
console.log("for", env.GITHUB_REPOSITORY, env.GITHUB_SHA, env.GITHUB_REF, env.GITHUB_RUN_ID, env.GITHUB_ACTOR);
appendFileSync(env.GITHUB_OUTPUT, 'build=[{"shard":1,"images":"api"},{"shard":2,"images":"web"}]\\n');
appendFileSync(env.GITHUB_STEP_SUMMARY, "## Plan\\n");
`;
const files = {
  ".github/workflows/deliver.yml": workflow,
  "actions/package.json": '{"type":"module"}',
  "actions/plan/action.yml":
    "name: plan\ndescription: plans\ninputs: { token: { description: t } }\noutputs: { build: { description: b } }\nruns: { using: node24, main: ../dist/plan.js }\n",
  "actions/dist/plan.js": action,
  "actions/dist/shared.js": 'export const shared = "shared code";\n',
};

let folder = "";
let work = "";
let server: GitServer;
let runner: Runner;

async function commitAndPush(changes: Record<string, string>, token = tokens.person): Promise<string> {
  for (const [path, text] of Object.entries(changes)) {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), text);
  }
  await git(work, ["add", "."]);
  await git(work, ["commit", "--quiet", "-m", `change ${Object.keys(changes).join(" ")}`]);
  const header = `AUTHORIZATION: basic ${Buffer.from(`x:${token}`).toString("base64")}`;
  const { stderr } = await git(work, ["-c", `http.extraheader=${header}`, "push", "origin", "main"]);
  return stderr.replace(/^remote: ?/gm, "").replace(/\s+$/gm, "");
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  const { act } = await ensurePython();
  server = await startGitServer({
    folder: join(folder, "git"),
    repository: "slipway/rehearsal",
    branch: "main",
    tokens,
    onPush: (push) => runner.onPush(push),
  });
  runner = createRunner({
    act,
    folder: join(folder, "runs"),
    logs: join(folder, "logs"),
    directory: server.directory,
    repository: "slipway/rehearsal",
    branch: "main",
    token: tokens.bot,
    identity: { requestUrl: "http://127.0.0.1:9/token", requestToken: "request-token" },
    environment: { PATH: `${dirname(process.execPath)}:${process.env.PATH}`, HOME: folder, WORLD: "test" },
  });
  work = join(folder, "work");
  await git(folder, ["init", "--quiet", "--initial-branch=main", "work"]);
  for (const [name, value] of [
    ["user.name", "A"],
    ["user.email", "a@example.org"],
  ] as const)
    await git(work, ["config", name, value]);
  await git(work, ["remote", "add", "origin", server.url]);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

it("runs what a push starts and lets the push print it", async () => {
  const printed = await commitAndPush(files);
  expect(printed).toMatch(/deliver, run 1: [0-9a-f]{7} change .*\n {2}✓ Plan .*\n {2}✓ Build (api|web) /);
  expect(printed).toMatch(/ {2}· Infra +skipped\ndeliver, run 1 succeeded in /);
  const [run] = runner.runs;
  const head = await gitText(work, ["rev-parse", "HEAD"]);
  expect(run).toMatchObject({ number: 1, workflow: "deliver.yml", commit: head, conclusion: "success" });
  expect(run?.jobs.map((job) => `${job.name} ${job.conclusion}`).sort()).toEqual([
    "Build api success",
    "Build web success",
    "Delivered success",
    "Infra skipped",
    "Plan success",
  ]);
  const plan = await readFile(join(run?.logs ?? "", "plan.log"), "utf8");
  expect(plan).toContain(`node ${process.version} shared code token ***`);
  expect(plan).toContain(`for slipway/rehearsal ${head} refs/heads/main 1 person`);
  expect(run?.jobs.find((job) => job.name === "Plan")?.summary).toBe("## Plan\n");
  const build = await readFile(join(run?.logs ?? "", "build-api.log"), "utf8");
  const said = `run=1&sha=${head}&event=push&ref=refs%2Fheads%2Fmain&actor=person&workflow=deliver&environment=dev`;
  expect(build).toContain(`asks http://127.0.0.1:9/token?${said} of test`);
});

it("says what failed and shows its last lines", async () => {
  const printed = await commitAndPush({ fail: "yes\n" });
  expect(printed).toContain("✗ Build web");
  expect(printed).toMatch(/✓ Build api/);
  expect(printed).toMatch(/\| asks http/);
  expect(printed).toContain("✗ Delivered");
  expect(printed).toMatch(/run 2 failed in .*logs: /);
  expect(runner.runs.at(-1)?.conclusion).toBe("failure");
});

it("starts nothing for ignored paths and for the bot", async () => {
  const before = runner.runs.length;
  expect(await commitAndPush({ "README.md": "new\n" })).toContain("No workflow runs for this push to main.");
  expect(await commitAndPush({ fail: "by the bot\n" }, tokens.bot)).not.toContain("run");
  expect(runner.runs.length).toBe(before);
});
