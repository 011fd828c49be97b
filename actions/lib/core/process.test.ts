import { expect, test } from "vitest";
import { ProcessError, run } from "./process.ts";

const node = process.execPath;

test("gives what the child printed, and its input reaches it", async () => {
  const result = await run(node, ["-e", "process.stdin.pipe(process.stdout)"], { input: "a secret\n" });
  expect(result).toEqual({ code: 0, stdout: "a secret\n", stderr: "" });
});

test("a character cut by the end of a chunk arrives whole", async () => {
  const script =
    'const b = Buffer.from("añb"); process.stdout.write(b.subarray(0, 2)); setTimeout(() => process.stdout.write(b.subarray(2)), 50)';
  const lines: string[] = [];
  const result = await run(node, ["-e", script], { onLine: (line) => lines.push(line) });
  expect(result.stdout).toBe("añb");
  expect(lines).toEqual(["añb"]);
});

test("no argument reaches a shell", async () => {
  const result = await run(node, ["-e", "console.log(process.argv[1])", "$(id); `id` && echo 'x'"]);
  expect(result.stdout).toBe("$(id); `id` && echo 'x'\n");
});

test("another exit code throws with the command, the code and the tail of its errors", async () => {
  const failing = run(node, ["-e", 'console.error("first\\nlast"); process.exit(3)']);
  await expect(failing).rejects.toThrow(/failed with exit code 3:\nfirst\nlast/);
  await expect(failing).rejects.toMatchObject({ code: 3, stderr: "first\nlast\n" });
});

test("a failing child that prints nothing still fails", async () => {
  await expect(run(node, ["-e", "process.exit(1)"])).rejects.toThrow("failed with exit code 1 and printed no error.");
});

test("an exit code that was named is a result", async () => {
  expect((await run(node, ["-e", "process.exit(2)"], { okCodes: [0, 2] })).code).toBe(2);
});

test("a program that is not there is named", async () => {
  await expect(run("no-such-program", [])).rejects.toThrow(/no-such-program could not be started \(.*ENOENT\)/);
});

test("a child that outlives its time is stopped, and killed when it does not listen", async () => {
  const deaf = run(node, ["-e", 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], {
    timeout: 300,
    killAfter: 200,
  });
  await expect(deaf).rejects.toThrow(/was stopped after 300 ms/);
});

test("an abort sends the signal that was asked for", async () => {
  const controller = new AbortController();
  const script = 'process.on("SIGINT", () => process.exit(7)); console.log("ready"); setInterval(() => {}, 1000)';
  const stopped = run(node, ["-e", script], {
    signal: controller.signal,
    stopSignal: "SIGINT",
    okCodes: [7],
    onLine: () => controller.abort(),
  });
  expect((await stopped).code).toBe(7);
});

test("an error is a ProcessError, which a user can act on", async () => {
  await expect(run(node, ["-e", "process.exit(1)"])).rejects.toBeInstanceOf(ProcessError);
});
