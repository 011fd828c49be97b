import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { usualCost } from "./password-hash.ts";
import { Passwords } from "./passwords.ts";

/** Cheap, where a test is not about the cost. */
const cost = { memory: 64, passes: 1, parallelism: 1 };
const passwords = new Passwords({ cost });

test("a password is known again, however its letters were typed, and no other is", async () => {
  const stored = await passwords.hash("contrase\u00f1a larga");
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await passwords.hash("contrase\u00f1a larga")).not.toBe(stored);
  expect(await passwords.try("contrasen\u0303a larga", stored)).toEqual({ good: true });
  expect(await passwords.try("contrasena larga", stored)).toEqual({ good: false });
  expect(await passwords.try("contrase\u00f1a larga ", stored)).toEqual({ good: false });
});

test("nothing is cut off: passwords that differ in their last letter alone are different", async () => {
  const long = "x".repeat(1_000);
  const stored = await passwords.hash(`${long}a`);
  expect([await passwords.try(`${long}a`, stored), await passwords.try(`${long}b`, stored)]).toEqual([
    { good: true },
    { good: false },
  ]);
});

test("a hash of another implementation is understood, and replaced at today's cost", async () => {
  // By npm hash-wasm 4.13.0.
  const foreign = "$argon2id$v=19$m=1024,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$UmyvQFF7GWOm7kw7DGcua5nP7c1uwoCSBnmHeC7679E";
  expect(await passwords.try("wrong", foreign)).toEqual({ good: false });
  const { good, rehashed = "" } = await passwords.try("contrase\u00f1a larga", foreign);
  expect([good, rehashed.slice(0, 27)]).toEqual([true, "$argon2id$v=19$m=64,t=1,p=1"]);
  expect(await passwords.try("contrase\u00f1a larga", rehashed)).toEqual({ good: true });
});

test("a stored text that is not a hash is an error that does not repeat it", async () => {
  for (const bad of ["", "plain text", "$argon2i$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AA", "$2b$12$abc"])
    await expect(passwords.try("x", bad)).rejects.toThrow(/^What is stored is not an argon2id hash\.$/);
});

test("nobody's password is looked at as long as somebody's", async () => {
  const usual = new Passwords();
  const stored = await usual.hash("correct horse battery");
  const time = async (known: string | undefined) => {
    const start = performance.now();
    expect(await usual.try("wrong horse battery", known)).toEqual({ good: false });
    return performance.now() - start;
  };
  const times: [number, number][] = [];
  for (let round = 0; round < 9; round += 1) times.push([await time(stored), await time(undefined)]);
  const median = (which: 0 | 1) => times.map((pair) => pair[which]).sort((a, b) => a - b)[4] ?? 0;
  expect(median(1) / median(0)).toBeGreaterThan(0.5);
  expect(median(1) / median(0)).toBeLessThan(2);
});

test("more than may wait are sent away, and the others are served", async () => {
  const narrow = new Passwords({ cost, atOnce: 1, waiting: 2 });
  const all = await Promise.allSettled(Array.from({ length: 5 }, () => narrow.hash("x")));
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled", "rejected", "rejected"]);
  expect(all[4]).toMatchObject({ reason: { status: 503, retryAfter: 2 } });
  await narrow.hash("x");
});

test("however many sign in, memory stays bounded", async () => {
  const program = `
    import { readFileSync } from "node:fs";
    import { Passwords } from ${JSON.stringify(new URL("passwords.ts", import.meta.url).href)};
    const peak = () => Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
    const passwords = new Passwords({ waiting: 100 });
    const before = peak();
    await Promise.all(Array.from({ length: 60 }, () => passwords.hash("correct horse battery")));
    console.log(peak() - before);`;
  const grown = async (environment: Record<string, string>) => {
    const options = { env: { ...process.env, ...environment } };
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], options);
    return Number(stdout) / 1_024;
  };
  const oneHash = usualCost.memory / 1_024;
  // As the images are told (README): no more than two hashes and what they cost in the heap.
  expect(await grown({ MALLOC_ARENA_MAX: "1" })).toBeLessThan(2 * oneHash + 16);
  // As a service is that forgot it: four threads of libuv keep theirs.
  expect(await grown({})).toBeLessThan(64);
});
