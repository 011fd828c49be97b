import { appendFile, readFile, writeFile } from "node:fs/promises";
import { arch } from "node:os";
import { join } from "node:path";
import { type Document, isMap, parseDocument } from "yaml";
import { parseConfig } from "../../../actions/lib/config/config.ts";
import { findConsole } from "../console/app.ts";
import { git, type GitOptions, gitText } from "../../../actions/lib/git/git.ts";
import { authorization } from "../../../actions/lib/gitops/remote.ts";
import type { GitServer } from "../github/git-server.ts";

/** The person who uses the repository: a clone, a name and a token to push with. */
export interface Person {
  /** The clone's folder. */
  readonly directory: string;
  /** Brings in what others pushed. */
  pull(): Promise<void>;
  /** Rewrites one file, which must exist. */
  edit(path: string, change: (text: string) => string): Promise<void>;
  /** Commits every change, new files among them. @returns the commit */
  commit(message: string): Promise<string>;
  /** Lets git push from the clone without being asked: a real person's own commands, in a world that stays. */
  keepToken(): Promise<void>;
  /**
   * Brings a clone to what is on the branch by now, unless that would touch work of the person.
   *
   * @returns what came of it, in a sentence
   */
  catchUp(): Promise<string>;
  /** Pushes the branch. `onLine` gets each line that git prints. */
  push(onLine: (line: string) => void): Promise<void>;
}

/** What a new user sets in `slipway.yaml`. */
export interface NewSettings {
  account: string;
  /** `owner/name`. */
  repository: string;
  branch: string;
  /** The domain of the environment that pushes are delivered to. */
  domain?: string | undefined;
  /** Who signs the tokens of the repository's workflows; GitHub when left out. */
  issuer?: string;
}

/**
 * Clones the committed state of `source` and edits `slipway.yaml` as its README tells a new user.
 *
 * @param source the repository that is rehearsed
 * @param directory the folder of the clone, which does not exist yet
 * @param environment of every git process
 */
export async function newUser(
  source: string,
  directory: string,
  server: GitServer,
  token: string,
  settings: NewSettings,
  environment: NodeJS.ProcessEnv,
): Promise<Person> {
  const commit = await gitText(source, ["rev-parse", "HEAD"], { env: environment });
  await git(source, ["clone", "--quiet", "--no-checkout", `file://${source}`, directory], { env: environment });
  const inClone = (...args: string[]) => git(directory, args, { env: environment });
  await inClone("checkout", "--quiet", "-B", settings.branch, commit);
  await inClone("remote", "set-url", "origin", server.url);
  await inClone("config", "user.name", "A new user");
  await inClone("config", "user.email", "new-user@example.org");
  // `git pull` and `git push` without more words, whatever branch the rehearsed repository is at.
  await inClone("config", `branch.${settings.branch}.remote`, "origin");
  await inClone("config", `branch.${settings.branch}.merge`, `refs/heads/${settings.branch}`);
  await inClone("config", "push.default", "simple");
  const withToken = { env: environment, settings: authorization(server.url, token) };
  const person: Person = {
    directory,
    async pull() {
      await git(directory, ["pull", "--quiet", "--rebase", "--autostash", "origin", settings.branch], withToken);
    },
    async edit(path, change) {
      const file = join(directory, path);
      await writeFile(file, change(await readFile(file, "utf8")));
    },
    async commit(message) {
      await inClone("add", "--all");
      await inClone("commit", "--quiet", "--message", message);
      return gitText(directory, ["rev-parse", "HEAD"], { env: environment });
    },
    async keepToken() {
      // Not by an argument of git, which everybody on the machine could see.
      const lines = withToken.settings.map(([name, value]) => {
        const [, url = "", key = ""] = /^http\.(.*)\.(\w+)$/.exec(name) ?? [];
        return `[http "${url}"]\n\t${key} = ${value}\n`;
      });
      await appendFile(join(directory, ".git", "config"), lines.join(""));
    },
    catchUp: () => catchUp(directory, settings.branch, withToken),
    async push(onLine) {
      await git(directory, ["push", "origin", settings.branch], { ...withToken, onLine });
    },
  };
  await person.edit("slipway.yaml", (text) => withSettings(text, settings));
  await person.edit("gitops/bootstrap/settings/repository.yaml", (text) =>
    withRepository(text, server.url, settings.branch),
  );
  const console = await findConsole(directory);
  if (console) await person.edit(console.settings, (text) => withConsole(text, settings));
  await person.commit("Set up Slipway for this account");
  return person;
}

/** Brings a clone forward when it has nothing that the branch has not; see `Person.catchUp`. */
async function catchUp(directory: string, branch: string, options: GitOptions): Promise<string> {
  const by = "git pull --rebase brings the release commit into it.";
  await git(directory, ["fetch", "--quiet", "origin", branch], options);
  const at = (revision: string) => gitText(directory, ["rev-parse", revision], options);
  const [head, newest] = [await at("HEAD"), await at("FETCH_HEAD")];
  if (head === newest) return "Your clone is up to date.";
  const checkedOut = await gitText(directory, ["symbolic-ref", "--quiet", "HEAD"], { ...options, okCodes: [0, 1] });
  if (checkedOut !== `refs/heads/${branch}`) return `Your clone is not on ${branch}, and stays as it is: ${by}`;
  if (await gitText(directory, ["status", "--porcelain", "--untracked-files=no"], options))
    return `Your clone has changes that are not committed, and stays as it is: ${by}`;
  const { code } = await git(directory, ["merge", "--quiet", "--ff-only", newest], {
    ...options,
    okCodes: [0, 1, 128],
  });
  return code === 0
    ? "Your clone is up to date: the release commit is in it."
    : `Your clone has work that is not on ${branch}, and stays as it is: ${by}`;
}

/** The text of a console's settings with a new user's repository in it; and with an issuer other than GitHub, where there is one. */
export function withConsole(text: string, { repository, branch, issuer }: NewSettings): string {
  const named = text
    .replace(/^REPORT_REPOSITORY=.*$/m, `REPORT_REPOSITORY=${repository}`)
    .replace(/^REPORT_BRANCH=.*$/m, `REPORT_BRANCH=${branch}`);
  return issuer === undefined ? named : `${named}REPORT_ISSUER=${issuer}\nALLOW_HTTP_ISSUERS=true\n`;
}

/** The text of `slipway.yaml` with a new user's settings in it, its comments kept. */
export function withSettings(text: string, settings: NewSettings, processor: string = arch()): string {
  const document = parseDocument(text);
  if (processor === "arm64") withArm(document);
  document.setIn(["aws", "account"], settings.account);
  document.setIn(["git", "repository"], settings.repository);
  document.setIn(["git", "branch"], settings.branch);
  // Base images need not come from a registry here, so none can be asked again for a newer one.
  if (document.hasIn(["build", "refresh"])) document.setIn(["build", "refresh"], "never");
  if (settings.domain !== undefined)
    document.setIn(["environments", parseConfig(text).deliver, "domain"], settings.domain);
  return document.toString({ lineWidth: 0 });
}

/** Nodes are containers of this machine: images for other processors would run emulated, if at all. */
function withArm(document: Document): void {
  const environments = document.get("environments");
  for (const { key } of isMap(environments) ? environments.items : []) {
    const nodes = ["environments", String(key), "cluster", "nodes"];
    document.deleteIn([...nodes, "types"]);
    document.setIn([...nodes, "architecture"], "arm64");
  }
}

/** The text of Argo CD's settings with the repository that it follows in it, its comments kept. */
export function withRepository(text: string, url: string, branch: string): string {
  const document = parseDocument(text);
  document.setIn(["data", "url"], url);
  document.setIn(["data", "branch"], branch);
  return document.toString({ lineWidth: 0 });
}
