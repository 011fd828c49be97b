import { globSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { mapConcurrently } from "../../actions/lib/core/concurrency.ts";
import { explain, SlipwayError } from "../../actions/lib/core/errors.ts";
import { run } from "../../actions/lib/core/process.ts";
import { formatDuration } from "../../actions/lib/core/summary.ts";
import { ensureTerraform } from "../../actions/lib/terraform/run/install.ts";
import { addOutcomes, type CheckFailure, failureOf, type CheckOutcome } from "./outcome.ts";
import { createProgress } from "../rehearsal/progress.ts";

const root = join(import.meta.dirname, "../..");

/** The parts of `./slipway test`, in the order in which they run. */
export const parts = ["lint", "unit", "real", "live"] as const;
export type TestPart = (typeof parts)[number];

/** What runs when no part is named: all but the part that takes as long as the others together. */
export const usualParts: readonly TestPart[] = ["lint", "unit", "real"];

/** One check that passes by ending and fails by throwing. */
interface Linter {
  name: string;
  run(): Promise<unknown>;
}

/** A tool from a package registry with its arguments, run at the repository's root. */
function tool(name: string, command: string | (() => Promise<string>), args: readonly string[]): Linter {
  return {
    name,
    run: async () => {
      const program = typeof command === "string" ? command : await command();
      const result = await run(program, args, { cwd: root, okCodes: Array.from({ length: 256 }, (_, code) => code) });
      if (result.code !== 0)
        throw new SlipwayError(`${program.split("/").pop()} found something:\n${result.stdout}${result.stderr}`);
    },
  };
}

async function pythonTool(name: "zizmor" | "checkov" | "shellcheck"): Promise<string> {
  const { ensureLinters } = await import("../rehearsal/tools/python.ts");
  return (await ensureLinters())[name];
}

/** What linters keep of files that have not changed since, from the repository's root. */
const cache = "node_modules/.cache";

const lints: readonly Linter[] = [
  // The longest first: the short ones fill the other core.
  tool("lint (eslint)", "eslint", ["--cache", `--cache-location=${cache}/eslint/`, "."]),
  tool("types", "tsc", ["-p", ".", "--incremental", "--tsBuildInfoFile", `${cache}/tsc/root.tsbuildinfo`]),
  tool("format (prettier)", "prettier", ["--check", "--log-level=warn", "--cache", "--cache-strategy=content", "."]),
  ...globSync("apps/{ui,*/frontend}/src/tsconfig.json", { cwd: root }).map((project) =>
    tool(`types and templates (${dirname(project)})`, "ngc", ["-p", project, "--noEmit"]),
  ),
  { name: "no app by name", run: async () => (await import("./app-names.ts")).checkAppNames(root) },
  { name: "plain English", run: async () => (await import("./words.ts")).checkWords(root) },
  {
    name: "generated files are fresh",
    run: async () => {
      const stale = await (await import("./generate.ts")).staleFiles();
      if (stale.length > 0)
        throw new SlipwayError(`Not fresh: ${stale.join(", ")}.`, { next: 'Run "./slipway generate" and commit.' });
    },
  },
  tool("terraform fmt", () => ensureTerraform(), ["fmt", "-check", "-recursive", "-diff", "terraform"]),
  tool("workflows and actions (zizmor)", () => pythonTool("zizmor"), [
    "--persona=auditor",
    "--offline",
    "--no-progress",
    ".github",
    "actions",
  ]),
  tool("shell scripts (shellcheck)", () => pythonTool("shellcheck"), [
    "slipway",
    ".ci/run",
    ...globSync("scripts/**/*.sh", { cwd: root }),
  ]),
  tool("terraform security (checkov)", () => pythonTool("checkov"), [
    "--directory",
    "terraform",
    "--framework",
    "terraform",
    "--quiet",
    "--compact",
    "--skip-download",
  ]),
  {
    name: "rendered manifests (checkov)",
    run: async () => (await import("./rendered.ts")).checkRendered(await pythonTool("checkov")),
  },
];

/** Most linters use one core: more at once than a small machine has would only make each slower. */
const lintsAtOnce = 2;

/** Runs the linters, with one line for each on standard error. */
async function lint(): Promise<CheckOutcome> {
  const outcome: CheckOutcome = { passed: 0, failed: 0, skipped: 0, failures: [] };
  await mapConcurrently(lints, lintsAtOnce, async (check) => {
    const start = performance.now();
    try {
      await check.run();
      outcome.passed += 1;
      process.stderr.write(`✓ ${check.name} (${formatDuration(performance.now() - start)})\n`);
    } catch (error) {
      const reason = explain(error);
      outcome.failed += 1;
      outcome.failures.push(failureOf(check.name, reason));
      process.stderr.write(`✗ ${check.name}\n${reason.replaceAll(/^/gm, "    ")}\n`);
    }
  });
  return outcome;
}

/** The vitest projects of a part (vitest.config.ts). */
const projects: Readonly<Record<Exclude<TestPart, "lint">, readonly string[]>> = {
  unit: ["unit"],
  real: ["real", "docker"],
  live: ["live"],
};

/** Runs the tests of a part; vitest's own report goes to standard error. */
async function vitest(part: keyof typeof projects): Promise<CheckOutcome> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  const report = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const chosen = projects[part].flatMap((project) => ["--project", project]);
    const result = await run("vitest", ["run", ...chosen, ...reporters], {
      cwd: root,
      okCodes: [0, 1],
      discardOutput: true,
      onLine: (line) => process.stderr.write(`${line}\n`),
    });
    return outcomeOf(JSON.parse(await readFile(report, "utf8")) as VitestReport, result.code);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The fields of vitest's JSON report that count; see https://vitest.dev/guide/reporters. */
export interface VitestReport {
  numPassedTests: number;
  numPendingTests: number;
  testResults: {
    /** The file's path. */
    name: string;
    status: string;
    /** Why a file failed outside of any test. */
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

/**
 * The outcome of a vitest report. A file that failed outside of its tests (it cannot be loaded, or a hook failed)
 * counts as one failure, as does a run that failed without saying where.
 */
export function outcomeOf(report: VitestReport, exitCode: number): CheckOutcome {
  const failures = report.testResults.flatMap(failuresOf);
  return {
    passed: report.numPassedTests,
    failed: failures.length === 0 && exitCode !== 0 ? 1 : failures.length,
    skipped: report.numPendingTests,
    failures,
  };
}

function failuresOf({ name, status, message, assertionResults }: VitestReport["testResults"][number]): CheckFailure[] {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (status === "failed" && failed.length === 0) return [failureOf(file, message)];
  return failed.map((test) => failureOf(`${file} > ${test.fullName}`, test.failureMessages.join("\n")));
}

/** Compiles what real tests start and no package registry has, so that the first of them does not wait for that. */
async function prepare(): Promise<void> {
  const { ensureClusterPrograms } = await import("../rehearsal/cluster/programs.ts");
  const logs = join(root, ".slipway", "test");
  await mkdir(logs, { recursive: true });
  const progress = createProgress(logs);
  try {
    await progress.stage("tools of the tests", async (stage) => {
      await ensureClusterPrograms(stage.log, stage.note);
    });
  } finally {
    progress.end();
  }
}

/** Runs the named parts one after the other and sums up. A failing part does not keep the next from running. */
export async function runChecks(chosen: readonly TestPart[]): Promise<CheckOutcome> {
  const results: CheckOutcome[] = [];
  for (const part of parts.filter((each) => chosen.includes(each))) {
    // Where they cannot be compiled, a line says so, and each test that needs them fails with the reason.
    if (part === "real") await prepare().catch(() => {});
    results.push(part === "lint" ? await lint() : await vitest(part));
  }
  return addOutcomes(...results);
}
