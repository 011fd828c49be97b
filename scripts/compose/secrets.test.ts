import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@slipway/kit/testing/process.ts";
import { beforeEach, expect, it } from "vitest";
import { readManifests } from "./manifests.ts";
import { secretValues } from "./secrets.ts";

let folder: string;
beforeEach(async () => {
  const temporary = await temporaryFolder("secrets");
  folder = temporary.path;
  return () => temporary[Symbol.asyncDispose]();
});

const manifests = readManifests(`
kind: Job
spec: { template: { spec: { automountServiceAccountToken: true, containers: [{ image: "demo-api@sha256:00" }] } } }
---
kind: Deployment
spec:
  template:
    spec:
      containers: [{ env: [{ valueFrom: { secretKeyRef: { name: demo, key: password } } }] }]
      volumes: [{ secret: { secretName: demo } }]
`);

async function code(keys: string): Promise<void> {
  const source = join(folder, "apps/demo/api/src");
  await mkdir(source, { recursive: true });
  await writeFile(join(source, "secret-values.ts"), `export const secretValues = () => (${keys});\n`);
}

it("makes the values by the app's own code, once, for its owner alone", async () => {
  await code("{ password: String(Math.random()) }");
  const first = await secretValues(folder, "demo", manifests, folder);
  expect(Number(first.password)).toBeGreaterThan(0);
  expect(await secretValues(folder, "demo", manifests, folder)).toEqual(first);
  expect((await stat(join(folder, "secret.json"))).mode & 0o777).toBe(0o600);
});

it("refuses kept values that the app has outgrown, and changes nothing", async () => {
  await code("{ password: 'a', token: 'b' }");
  await writeFile(join(folder, "secret.json"), '{"password":"kept"}');
  await expect(secretValues(folder, "demo", manifests, folder)).rejects.toThrow("lack token");
  expect(await readFile(join(folder, "secret.json"), "utf8")).toBe('{"password":"kept"}');
});

it("needs the code that makes them, and asks for none where nobody reads one", async () => {
  await expect(secretValues(folder, "demo", manifests, folder)).rejects.toThrow("demo reads demo, and no code");
  expect(await secretValues(folder, "demo", manifests.slice(0, 1), folder)).toEqual({});
});
