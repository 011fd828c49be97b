import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readReportSettings } from "./settings.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-test-"));
  path = join(folder, "slipway.yaml");
});
afterAll(() => rm(folder, { recursive: true }));

const top = 'project: demo\naws:\n  account: "123456789012"\n  region: eu-west-1\n';
const place = { project: "demo", account: "123456789012", region: "eu-west-1" };
const read = async (text: string) => {
  await writeFile(path, text);
  return readReportSettings(path);
};

it("reads the repository's own file, without a word", async () => {
  const text = await readFile(new URL("../../../slipway.yaml", import.meta.url), "utf8");
  const { deliver, place: found, problem } = await read(text);
  expect([deliver, problem]).toEqual(["dev", undefined]);
  expect(found).toMatchObject({ region: expect.any(String) });
});

it.each([
  ["a key that nobody knows", `${top}nonsense: true\n`, { deliver: "dev", place }],
  ["a wrong environment", `${top}deliver: prod\nenvironments: []\n`, { deliver: "prod", place }],
  ["a key twice", `${top}deliver: prod\ndeliver: prod\n`, { deliver: "prod", place }],
  ["a bracket that is not closed, below", `${top}environments: [\n`, { deliver: "dev", place }],
  ["an invalid account", top.replace("123456789012", "12"), { deliver: "dev", place: undefined }],
  ["an invalid name", `${top}deliver: "A b"\n`, { deliver: "dev", place }],
  ["a text", "hello", { deliver: "dev", place: undefined }],
  ["nothing", "", { deliver: "dev", place: undefined }],
  ["bytes", "\0\u0001%@`", { deliver: "dev", place: undefined }],
  [
    "an alias of an alias",
    "a: &a [x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\nd: *nowhere\n",
    { deliver: "dev", place: undefined },
  ],
])("of a file with %s, what can be read", async (_title, text, expected) => {
  const { deliver, place: found, problem } = await read(text);
  expect({ deliver, place: found }).toEqual(expected);
  expect(problem).toBeTruthy();
});

it("does without the file", async () => {
  expect(await readReportSettings(join(folder, "none.yaml"))).toEqual({
    deliver: "dev",
    problem: `${join(folder, "none.yaml")} cannot be read.`,
  });
});
