import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeApp } from "./app.ts";
import { writeEnvironment } from "./environment.ts";
import { copyOf, snapshot } from "./testing.ts";
import { writeChange } from "./write.ts";

let copy: Awaited<ReturnType<typeof copyOf>>;
let root: string;

beforeEach(async () => {
  copy = await copyOf(["slipway.yaml", "gitops/bootstrap", "apps/kit/package.json", "apps/ui/package.json"]);
  root = copy.path;
  await put("apps/demo/api-x/Dockerfile", "FROM scratch\n");
  await put("gitops/apps/demo/overlays/dev/kustomization.yaml", "resources: [../../base]\n");
  await put("gitops/apps/lone/base/kustomization.yaml", "resources: []\n");
  await put("gitops/apps/demo-old/overlays/two/kustomization.yaml", "resources: []\n");
});
afterEach(() => copy[Symbol.asyncDispose]());

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), text);
}

/** What a call says that must not write anything: its message, of one line. */
async function refusal(call: () => Promise<unknown>): Promise<string> {
  const before = await snapshot(root);
  const message = await call().then(
    () => "it was written",
    (error: unknown) => (error as Error).message,
  );
  expect(await snapshot(root)).toEqual(before);
  expect(message.split("\n")).toHaveLength(1);
  return message;
}

describe("an app", () => {
  test.each([
    ["Shop", 'apps/Shop: "Shop" is not a name for an app.'],
    ["../demo", 'apps/../demo: "../demo" is not a name for an app.'],
    ["a--b", '"a--b" is not a name for an app.'],
    ["", '"" is not a name for an app.'],
    ["x; rm -rf", "is not a name for an app."],
    ["kube-x", 'the name "kube-x" is reserved, since Kubernetes\' own namespaces begin so.'],
    ["argocd", 'the name "argocd" is reserved, since it is Argo CD\'s namespace.'],
    ["monitoring", 'the name "monitoring" is reserved'],
    ["kit", "apps/kit is there already."],
    ["ui", "apps/ui is there already."],
    ["demo", "apps/demo is there already."],
    ["lone", "gitops/apps/lone is there already."],
    ["a".repeat(44), "the name has 44 characters"],
    ["build", 'apps/build/cache: "build-cache" names the repository of the builder\'s cache.'],
  ])("called %j is refused, and nothing is written", async (name, told) => {
    expect(await refusal(() => writeApp({ root, name, wanted: ["cache"] }))).toContain(told);
  });

  test("with an image of another app's name is refused", async () => {
    await put("apps/my/app-api/Dockerfile", "FROM scratch\n");
    expect(await refusal(() => writeApp({ root, name: "my-app", wanted: ["service"] }))).toContain(
      "apps/my-app/api and apps/my/app-api would both be image my-app-api.",
    );
  });

  test("is not written where another file has its place", async () => {
    await put("apps/notes", "");
    expect(await refusal(() => writeApp({ root, name: "notes", wanted: ["page"] }))).toContain("apps/notes is there");
  });
});

describe("an environment", () => {
  test.each([
    ["dev", "dev", 'Environment "dev" is in slipway.yaml already.'],
    ["two", "one", 'Environment "one" is not in slipway.yaml.'],
    ["Two", "dev", "use lower-case letters, digits and single hyphens"],
    ["../two", "dev", "use lower-case letters"],
    ["__proto__", "dev", ""],
    ["constructor:", "dev", "use lower-case letters"],
    ["plan", "dev", 'the pipeline\'s own roles and its bucket are called "plan"'],
    ["dev-two", "dev", '"dev-two" begins with this name and a hyphen'],
    ["root", "dev", "gitops/bootstrap/root is there already."],
    ["settings", "dev", "gitops/bootstrap/settings is there already."],
    ["a".repeat(21), "dev", "environments."],
  ])("called %j, like %j, is refused, and nothing is written", async (name, like, told) => {
    const message = await refusal(() => writeEnvironment({ root, name, like }));
    expect(message).not.toBe("it was written");
    expect(message).toContain(told);
  });

  test("that would have another one's name together with an app is refused", async () => {
    expect(await refusal(() => writeEnvironment({ root, name: "old-two", like: "dev" }))).toContain(
      "are both demo-old-two.",
    );
  });
});

test("what fails in the middle leaves nothing", async () => {
  const folders = new Map([
    ["apps/one", new Map([["a", "1"]])],
    ["apps/kit/package.json/two", new Map([["a", "1"]])],
  ]);
  const write = () => writeChange(root, { folders, edits: new Map([["slipway.yaml", ""]]) });
  expect(await refusal(write)).toMatch(/EEXIST|ENOTDIR/);
});
