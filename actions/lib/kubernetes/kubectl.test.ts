import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openKubectl } from "./kubectl.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "slipway-kubectl-test-"));
  vi.stubEnv("RUNNER_TEMP", folder);
  vi.stubEnv("PATH", `${folder}${delimiter}${process.env.PATH}`);
  vi.stubEnv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "github's");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const open = () =>
  openKubectl({
    access: { server: "https://example.eks", certificateAuthority: "pem", token: () => Promise.resolve("the-token") },
    signal: AbortSignal.timeout(10_000),
    log: () => {},
  });

/** A kubectl that writes down what it is given, then does `body`. */
async function recording(body: string): Promise<void> {
  const script = `#!/bin/sh\nname=${folder}/$1\necho "$@" > $name.argv\nenv > $name.env\n${body}\n`;
  await writeFile(join(folder, "kubectl"), script);
  await chmod(join(folder, "kubectl"), 0o755);
}

const rendered = "kind: Namespace\\n---\\nkind: Deployment\\n";

it("gives the token to the kubectl that applies alone, by its environment, and leaves nothing", async () => {
  await recording(`
    if [ "$1" = kustomize ]; then printf '${rendered}'; exit; fi
    cat > ${folder}/applied
    cp -p ${folder}/slipway-kubectl-*/config ${folder}/config
    printenv SLIPWAY_CLUSTER_CREDENTIAL > ${folder}/credential
    printf 'namespace/argocd\\ndeployment.apps/argocd-server\\n'`);
  {
    await using kubectl = await open();
    expect(await kubectl.apply("gitops/bootstrap/argocd", "slipway")).toEqual([
      "namespace/argocd",
      "deployment.apps/argocd-server",
    ]);
  }
  const read = (name: string) => readFile(join(folder, name), "utf8");
  expect(await read("applied"), "what was applied is what was rendered").toBe(
    "kind: Namespace\n---\nkind: Deployment\n",
  );
  expect(await read("apply.argv")).toContain("--server-side --force-conflicts --field-manager=slipway");
  expect(await read("apply.argv")).not.toContain("the-token");
  expect(JSON.parse(await read("credential"))).toMatchObject({
    kind: "ExecCredential",
    status: { token: "the-token" },
  });
  expect(await read("kustomize.env"), "git fetches for it what others wrote").not.toContain("the-token");
  expect((await read("kustomize.env")) + (await read("apply.env"))).not.toContain("github's");

  const config = await read("config");
  expect((await stat(join(folder, "config"))).mode & 0o777).toBe(0o600);
  expect(config).not.toContain("the-token");
  expect(JSON.parse(config)).toMatchObject({
    clusters: [{ cluster: { server: "https://example.eks", "certificate-authority-data": "cGVt" } }],
    users: [{ user: { exec: { command: "printenv", args: ["SLIPWAY_CLUSTER_CREDENTIAL"] } } }],
  });
  expect((await readdir(folder)).filter((name) => name.startsWith("slipway-kubectl-"))).toEqual([]);
});

it("runs a command in a container, with the token in the environment alone", async () => {
  await recording(`printenv SLIPWAY_CLUSTER_CREDENTIAL > ${folder}/credential; echo /sign-in?token=x`);
  await using kubectl = await open();
  expect(await kubectl.exec("demo", "deployment/api", ["node", "a b.js"])).toBe("/sign-in?token=x\n");
  expect(await readFile(join(folder, "exec.argv"), "utf8")).toMatch(
    /^exec --namespace=demo deployment\/api --kubeconfig=\S+ --cache-dir=\S+ -- node a b\.js\n$/,
  );
  expect(await readFile(join(folder, "credential"), "utf8")).toContain("the-token");
});

it("tells what kubectl says when it fails", async () => {
  await recording(`echo "error: no such field" >&2; exit 1`);
  await using kubectl = await open();
  await expect(kubectl.apply("gitops/bootstrap/argocd", "slipway")).rejects.toMatchObject({
    reason: "kubectl-failed",
    message: expect.stringContaining("error: no such field") as string,
  });
});

it.each([
  ["says nothing", ":"],
  ["names one object of two", "echo namespace/argocd"],
])("does not believe an apply that ends with 0 and %s", async (_, apply) => {
  await recording(`if [ "$1" = kustomize ]; then printf '${rendered}'; exit; fi; cat >/dev/null; ${apply}`);
  await using kubectl = await open();
  await expect(kubectl.apply("gitops/bootstrap/argocd", "slipway")).rejects.toMatchObject({
    reason: "kubectl-failed",
    message: expect.stringMatching(/named [01] of 2 objects of gitops\/bootstrap\/argocd as applied/) as string,
  });
});

it("says where kubectl comes from where there is none", async () => {
  vi.stubEnv("PATH", folder);
  await using kubectl = await open();
  await expect(kubectl.apply("gitops/bootstrap/argocd", "slipway")).rejects.toMatchObject({
    reason: "kubectl-missing",
    message: "kubectl is not on PATH.",
  });
});
