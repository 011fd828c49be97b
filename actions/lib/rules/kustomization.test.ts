import { expect, test } from "vitest";
import { readExceptions } from "./exceptions.ts";
import { readKustomizations } from "./kustomization.ts";
import { renderEnvironment } from "./render.ts";

const overlay = "gitops/apps/demo/overlays/dev";
const path = `${overlay}/kustomization.yaml`;

/** What is wrong with an overlay whose kustomization is this text. */
function refusal(text: string): string {
  const files = new Map([
    [path, text],
    ["gitops/apps/demo/base/kustomization.yml", "resources: [api.yaml]\n"],
    ["gitops/apps/demo/base/api.yaml", ""],
    [`${overlay}/settings.env`, "A=1\n"],
  ]);
  try {
    readKustomizations(files, overlay);
    return "";
  } catch (error) {
    return String(error);
  }
}

test.each([
  "resources: [../../base]",
  "configMapGenerator:\n  - { name: a, envs: [settings.env], files: [key=settings.env], literals: ['URL=https://example.com'] }",
  "patches:\n  - patch: |-\n      - { op: add, path: /metadata/annotations/a, value: https://example.com }\n    target: { kind: Service }",
  "transformers:\n  - |-\n    apiVersion: builtin\n    kind: NamespaceTransformer",
])("what is in the repository is rendered: %s", (text) => {
  expect(refusal(text)).toBe("");
});

test.each([
  ["resources: [https://example.com/all.yaml]", "https://example.com/all.yaml"],
  ["resources: ['https://github.com/example/demo//base?ref=v1']", "github.com"],
  ["resources: ['github.com/example/demo?ref=v1']", "github.com/example"],
  ["resources: ['git@github.com:example/demo.git']", "git@github.com"],
  ["resources: ['git::file:///etc']", "git::file"],
  ["bases: ['ssh://git@example.com/demo']", "ssh://"],
  ["components: [https://example.com/component]", "https://example.com/component"],
  ["generators: [https://example.com/generator.yaml]", "https://example.com/generator.yaml"],
  ["transformers: [https://example.com/transformer.yaml]", "https://example.com/transformer.yaml"],
  ["validators: [https://example.com/validator.yaml]", "https://example.com/validator.yaml"],
  ["crds: [https://example.com/crd.json]", "crd.json"],
  ["openapi: { path: 'http://localhost/openapi.json' }", "http://localhost"],
  ["patches: [{ path: 'https://example.com/patch.yaml' }]", "patch.yaml"],
  ["patchesStrategicMerge: ['https://example.com/patch.yaml']", "patch.yaml"],
  ["replacements: [{ path: 'http://169.254.169.254/latest' }]", "169.254.169.254"],
  ["configMapGenerator: [{ name: a, files: ['key=https://example.com/file'] }]", "https://example.com/file"],
  ["secretGenerator: [{ name: a, envs: ['https://example.com/env'] }]", "https://example.com/env"],
  ["resources: [/etc/passwd]", "/etc/passwd"],
  ["resources: [../../../../../etc/passwd]", "etc/passwd"],
  ["resources: [missing.yaml]", "missing.yaml"],
])("what is elsewhere is refused, with the file: %s", (text, entry) => {
  expect(refusal(text)).toContain(path);
  expect(refusal(text)).toContain(entry);
  expect(refusal(text)).toContain("is not a file or folder");
});

test("what a base names is looked at, too, and two that lead to each other end", () => {
  const base = "gitops/apps/demo/base/kustomization.yaml";
  const files = (text: string) =>
    new Map([
      [path, "resources: [../../base]\n"],
      [base, text],
    ]);
  expect(() => readKustomizations(files("resources: [https://example.com/all.yaml]\n"), overlay)).toThrow(base);
  expect(readKustomizations(files("resources: [../overlays/dev]\n"), overlay).size).toBe(2);
});

test("rendering sees no variable that may hold a secret, and no way to fetch anything", () => {
  const env = renderEnvironment({ PATH: "/bin", AWS_SECRET_ACCESS_KEY: "a", GITHUB_TOKEN: "b", NO_PROXY: "*" });
  const own = Object.keys(env).filter((name) => !name.startsWith("GIT_"));
  expect(own.sort()).toEqual(["HOME", "HTTPS_PROXY", "HTTP_PROXY", "LC_ALL", "PATH"]);
  expect(env).toMatchObject({ GIT_ALLOW_PROTOCOL: "none" });
  expect(Object.values(env)).not.toContain("a");
  expect(Object.values(env)).not.toContain("b");
});

test("an exception names a rule that there is, and says why", () => {
  const read = (annotations: Record<string, string>) => readExceptions(annotations, path);
  expect(read({ "slipway.dev/allow.node-port": " Tried out. ", "slipway.dev/other": "x" })).toEqual(
    new Map([["node-port", "Tried out."]]),
  );
  expect(() => read({ "slipway.dev/allow.node-port": " " })).toThrow(
    `${path}: slipway.dev/allow.node-port: has no reason`,
  );
  for (const name of [
    "allow.node-ports",
    "allow.*",
    "allow.",
    "allow",
    "allow-node-port",
    "allow/node-port",
    "allow.shape",
  ])
    expect(() => read({ [`slipway.dev/${name}`]: "Why not." })).toThrow(`slipway.dev/${name}: there is no such rule`);
});
