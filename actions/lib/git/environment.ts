/** One setting of git, for one process and what it starts. */
export type GitSetting = readonly [name: string, value: string];

/**
 * The environment of every git process that we start: what we read from git, and what we make with it, is the same on
 * every machine. How a person reaches and signs in to a remote stays: credential helpers, ssh, proxies, certificates,
 * `url.<base>.insteadOf`.
 *
 * Doing it to its own result changes nothing but to add the settings.
 *
 * @param settings more settings, which win over all others
 * @param environment what it is made from. Its own settings
 *   (https://git-scm.com/docs/git-config#Documentation/git-config.txt-GITCONFIGCOUNT) stay
 */
export function gitEnvironment(
  settings: readonly GitSetting[] = [],
  environment: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(
    ([name, value]) => !name.startsWith("GIT_") || keeps(name, value),
  );
  const pairs = [...settingsIn(environment).filter(([name, value]) => same.get(name) !== value), ...same, ...settings];
  const numbered = pairs.flatMap(([name, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(inherited),
    // Its messages are parsed.
    LC_ALL: "C",
    // Objects are what their ids say, as on the remote.
    GIT_NO_REPLACE_OBJECTS: "1",
    // These variables win over a person's settings trace2.*, which may write between what git says.
    GIT_TRACE2: environment.GIT_TRACE2?.startsWith("/") ? environment.GIT_TRACE2 : "0",
    GIT_TRACE2_EVENT: "0",
    GIT_TRACE2_PERF: "0",
    ...Object.fromEntries(numbered),
    GIT_CONFIG_COUNT: String(pairs.length),
  };
  // Only a person at a terminal can answer.
  if (!process.stdin.isTTY) env.GIT_TERMINAL_PROMPT ??= "0";
  return env;
}

/**
 * The variables of git that are kept: how a remote is reached, and which files hold a person's settings. All others say
 * which repository a hook runs in, or change what git prints, makes or takes for a path.
 */
function keeps(name: string, value = ""): boolean {
  // A trace that goes to a file disturbs nothing; one that goes to standard error is mixed into git's own words.
  if (/^GIT_TRACE(?!_REDACT)/.test(name)) return value.startsWith("/");
  return /^GIT_(ALLOW_PROTOCOL|ASKPASS|CEILING_DIRECTORIES|CONFIG_(GLOBAL|NOSYSTEM|SYSTEM)|DISCOVERY_ACROSS_FILESYSTEM|EXEC_PATH|HTTP_.+|PROTOCOL_FROM_USER|PROXY_.+|SSH|SSH_COMMAND|SSH_VARIANT|SSL_.+|TERMINAL_PROMPT)$/.test(
    name,
  );
}

/** The settings that an environment brings. */
export function settingsIn(environment: NodeJS.ProcessEnv): GitSetting[] {
  return Array.from({ length: Number(environment.GIT_CONFIG_COUNT) || 0 }, (_, index): GitSetting => [
    environment[`GIT_CONFIG_KEY_${index}`] ?? "",
    environment[`GIT_CONFIG_VALUE_${index}`] ?? "",
  ]).filter(([name]) => name !== "");
}

/** What a machine's or a person's own settings may not change. https://git-scm.com/docs/git-config tells what each does. */
const same: ReadonlyMap<string, string> = new Map([
  // We name the bare repositories that we work in; whoever wants "explicit" fears those that lie in a checkout.
  ["safe.bareRepository", "all"],
  ["init.defaultObjectFormat", "sha1"],
  ["init.defaultRefFormat", "files"],
  ["init.templateDir", ""],
  ["clone.defaultRemoteName", "origin"],
  ["clone.rejectShallow", "false"],
  // Programs of a person that git would start.
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["commit.gpgSign", "false"],
  ["tag.gpgSign", "false"],
  ["push.gpgSign", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  // Bytes stay as they are.
  ["core.autocrlf", "false"],
  ["core.eol", "lf"],
  ["core.safecrlf", "false"],
  ["core.attributesFile", "/dev/null"],
  ["core.quotePath", "true"],
  ["i18n.commitEncoding", "UTF-8"],
  ["i18n.logOutputEncoding", "UTF-8"],
  // What is printed.
  ["color.ui", "false"],
  ["log.showSignature", "false"],
  ["status.showUntrackedFiles", "normal"],
  // What a fetch or a push does in addition to what it was asked to do.
  ["fetch.prune", "false"],
  ["fetch.pruneTags", "false"],
  ["fetch.recurseSubmodules", "false"],
  ["push.followTags", "false"],
  ["push.recurseSubmodules", "no"],
  ["submodule.recurse", "false"],
]);
