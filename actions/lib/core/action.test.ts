import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "./process.ts";

/** Runs `body` inside runAction in a process of its own, as a runner would; gives its exit code, log and outputs. */
async function action(body: string): Promise<{ code: number; log: string; outputs: string }> {
  const folder = await mkdtemp(join(tmpdir(), "slipway-action-"));
  const outputs = join(folder, "outputs");
  await writeFile(outputs, "");
  const script = `
    import { runAction } from ${JSON.stringify(join(import.meta.dirname, "action.ts"))};
    import { SlipwayError } from ${JSON.stringify(join(import.meta.dirname, "errors.ts"))};
    await runAction(async () => { ${body} });`;
  try {
    const result = await run(process.execPath, ["--input-type=module", "-e", script], {
      okCodes: [0, 1],
      env: { ...process.env, GITHUB_OUTPUT: outputs },
    });
    return { code: result.code, log: result.stdout, outputs: await readFile(outputs, "utf8") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test("an error for the user fails the step once, with its next step and its reason", async () => {
  const result = await action('throw new SlipwayError("It is locked.", { next: "Wait.", reason: "state-locked" });');
  expect(result.code).toBe(1);
  expect(result.log.match(/::error::/g)).toHaveLength(1);
  expect(result.log).toContain("::error::It is locked. Wait.");
  expect(result.outputs).toContain("state-locked");
});

test("a defect fails the step with its stack and asks for a report", async () => {
  const result = await action('throw new TypeError("x is not a function");');
  expect(result.code).toBe(1);
  expect(result.log).toContain("TypeError: x is not a function%0A    at ");
  expect(result.log).toContain("This is a defect of Slipway");
});

test("success leaves no error", async () => {
  expect(await action("")).toMatchObject({ code: 0, log: "" });
});
