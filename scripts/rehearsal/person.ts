import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { exists } from "../../actions/lib/files.ts";
import { git, gitText } from "../../actions/lib/git.ts";
import type { GitServer } from "./github/git-server.ts";

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
  /** Pushes the branch. `onLine` gets each line that git prints. */
  push(onLine: (line: string) => void): Promise<void>;
}

/** What a new user sets in `slipway.yaml`. */
export interface NewSettings {
  account: string;
  /** `owner/name`. */
  repository: string;
  branch: string;
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
  const credentials = Buffer.from(`person:${token}`).toString("base64");
  const withToken: NodeJS.ProcessEnv = {
    ...environment,
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${server.endpoint}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${credentials}`,
  };
  const person: Person = {
    directory,
    async pull() {
      await git(directory, ["pull", "--quiet", "--rebase", "--autostash", "origin", settings.branch], {
        env: withToken,
      });
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
      await inClone("config", `http.${server.endpoint}/.extraheader`, `AUTHORIZATION: basic ${credentials}`);
    },
    async push(onLine) {
      await git(directory, ["push", "origin", settings.branch], { env: withToken, onLine });
    },
  };
  await person.edit("slipway.yaml", (text) => withSettings(text, settings));
  await person.edit("gitops/bootstrap/settings/repository.yaml", (text) =>
    withRepository(text, server.url, settings.branch),
  );
  if (await exists(join(directory, consoleSettings)))
    await person.edit(consoleSettings, (text) => withConsole(text, settings));
  await person.commit("Set up Slipway for this account");
  return person;
}

/** Where the delivery console is told whose pipeline reports to it. */
const consoleSettings = "gitops/apps/proyecto06/overlays/dev/settings.env";

/** The text of that file with a new user's repository in it; and with an issuer that is no GitHub, where there is one. */
export function withConsole(text: string, { repository, issuer }: NewSettings): string {
  const named = text.replace(/^REPORT_REPOSITORY=.*$/m, `REPORT_REPOSITORY=${repository}`);
  return issuer === undefined ? named : `${named}REPORT_ISSUER=${issuer}\nALLOW_HTTP_ISSUERS=true\n`;
}

/** The text of `slipway.yaml` with a new user's settings in it, its comments kept. */
export function withSettings(text: string, settings: NewSettings): string {
  const document = parseDocument(text);
  document.setIn(["aws", "account"], settings.account);
  document.setIn(["git", "repository"], settings.repository);
  document.setIn(["git", "branch"], settings.branch);
  return document.toString({ lineWidth: 0 });
}

/** The text of Argo CD's settings with the repository that it follows in it, its comments kept. */
export function withRepository(text: string, url: string, branch: string): string {
  const document = parseDocument(text);
  document.setIn(["data", "url"], url);
  document.setIn(["data", "branch"], branch);
  return document.toString({ lineWidth: 0 });
}
