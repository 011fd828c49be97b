import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git } from "../../../../actions/lib/git/git.ts";
import { argocdModule } from "./module.ts";

const address = "https://github.com/argoproj/argo-cd";

/** Whether git reaches Argo CD's repository on GitHub. @param env of the git process */
export async function reachesArgocd(env: NodeJS.ProcessEnv): Promise<boolean> {
  const asked = git(".", ["ls-remote", "--exit-code", address, "HEAD"], { env, timeout: 15_000 });
  return asked.then(
    () => true,
    () => false,
  );
}

/** The files that begin as scripts do: a Go module keeps no modes, which a tree's id counts. */
async function scripts(repository: string): Promise<string[]> {
  const { stdout } = await git(repository, [
    "grep",
    "--cached",
    "--files-with-matches",
    "--null",
    "-e",
    "^#!",
    "--",
    ".",
  ]);
  const found = stdout.split("\0").filter(Boolean);
  const first = await Promise.all(
    found.map(async (file) => (await readFile(join(repository, file), "utf8")).slice(0, 2)),
  );
  return found.filter((_, index) => first[index] === "#!");
}

/**
 * A git repository with Argo CD's own manifests, as its Go module has them, under the module's version as a tag: what
 * `gitops/bootstrap/argocd` names on GitHub, for a machine that cannot reach it.
 *
 * @param folder where it is made, with the settings that lead git to it
 * @returns variables for git processes: whatever they fetch from Argo CD's repository on GitHub comes from here
 */
export async function argocdRepository(folder: string): Promise<NodeJS.ProcessEnv> {
  const { version, folder: source } = await argocdModule();
  const repository = join(folder, "argo-cd");
  await mkdir(repository, { recursive: true });
  await cp(join(source, "manifests"), join(repository, "manifests"), { recursive: true });
  const author = ["-c", "user.name=Argo CD", "-c", "user.email=argo-cd@example.org"];
  await git(repository, ["init", "--quiet"]);
  await git(repository, ["add", "--all", "--force"]);
  await git(repository, ["add", "--chmod=+x", "--", ...(await scripts(repository))]);
  await git(repository, [...author, "commit", "--quiet", "--message", `Argo CD ${version}`]);
  await git(repository, ["tag", version]);
  const settings = join(folder, "gitconfig");
  await writeFile(settings, `[url "file://${repository}"]\n\tinsteadOf = ${address}\n`);
  return { GIT_CONFIG_GLOBAL: settings };
}
