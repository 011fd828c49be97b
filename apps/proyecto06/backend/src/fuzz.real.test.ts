import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startPostgres } from "@slipway/kit/testing/postgres.ts";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { startWorkflowIssuer } from "@slipway/kit/testing/workflow-issuer.ts";
import { expect, test } from "vitest";
import { run } from "../../../../actions/lib/core/process.ts";
import { ensureFuzzer } from "../../../../scripts/rehearsal/tools/python.ts";
import { databaseFor, delivery, startReplica, teardown, testConfig } from "./testing.ts";

/** What a request of the fuzzer does in addition to what its document says. */
const checks = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
];

/** JUnit's report, as far as it is looked at: https://github.com/testmoapp/junitxml */
const countsOf = (report: string) =>
  Object.fromEntries(
    ["tests", "failures", "errors"].map((name) => [name, Number(new RegExp(` ${name}="(\\d+)"`).exec(report)?.[1])]),
  );

test("whatever is sent to the API, it answers as its document says, and never with its own failure", async () => {
  await using parts = new AsyncDisposableStack();
  const postgres = parts.use(await startPostgres());
  const issuer = parts.use(await startWorkflowIssuer());
  const replica = parts.use(await startReplica(testConfig(await databaseFor(postgres, "fuzz", issuer))));
  const token = await issuer.token();
  for (const report of [delivery(), teardown({ run: "2" })]) await replica.post("/api/reports", report, token);
  const folder = parts.use(await temporaryFolder("fuzz"));
  // In a file: arguments can be read by every process.
  const config = join(folder.path, "schemathesis.toml");
  const headers = { Cookie: replica.cookie, Authorization: `Bearer ${token}` };
  const lines = Object.entries(headers).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  await writeFile(config, `[headers]\n${lines.join("\n")}\n`, { mode: 0o600 });
  const report = join(folder.path, "junit.xml");
  // Events never end; everything else is asked.
  const { stdout } = await run(
    await ensureFuzzer(),
    [
      "--config-file",
      config,
      "run",
      `${replica.origin}/openapi.json`,
      "--exclude-path=/api/events",
      "--checks",
      checks.join(","),
      "--phases=examples,coverage,fuzzing",
      "--max-examples=40",
      "--seed=1",
      "--report=junit",
      `--report-junit-path=${report}`,
      "--no-color",
    ],
    // It keeps what it found where it runs.
    { okCodes: [0, 1], timeout: 240_000, cwd: folder.path },
  );
  const counts = countsOf(await readFile(report, "utf8"));
  expect(counts, stdout).toMatchObject({ failures: 0, errors: 0 });
  expect(counts.tests).toBeGreaterThan(10);
});
