import { describe, expect, it } from "vitest";
import { gitEnvironment, type GitSetting, settingsIn } from "./environment.ts";

const pairs = (...settings: GitSetting[]): NodeJS.ProcessEnv => ({
  GIT_CONFIG_COUNT: String(settings.length),
  ...Object.fromEntries(
    settings.flatMap(([name, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, name],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ),
});

describe("gitEnvironment", () => {
  it("puts its settings after those that are there, and more of them last", () => {
    const before = pairs(["url.a.insteadOf", "b"], ["core.fsmonitor", "true"]);
    const all = settingsIn(gitEnvironment([["core.bare", "true"]], before));
    expect(all.slice(0, 2)).toEqual([
      ["url.a.insteadOf", "b"],
      ["core.fsmonitor", "true"],
    ]);
    expect(all).toContainEqual(["core.fsmonitor", "false"]);
    expect(all.at(-1)).toEqual(["core.bare", "true"]);
  });

  it("changes nothing in its own result", () => {
    const once = gitEnvironment([["http.https://github.com/.extraheader", ""]], pairs(["url.a.insteadOf", "b"]));
    const twice = gitEnvironment([], once);
    expect(settingsIn(twice).sort()).toEqual(settingsIn(once).sort());
    expect(twice.GIT_CONFIG_COUNT).toBe(once.GIT_CONFIG_COUNT);
  });

  it("leaves no setting behind of a list that was longer", () => {
    const env = gitEnvironment([], { GIT_CONFIG_KEY_999: "core.bare", GIT_CONFIG_VALUE_999: "true" });
    expect(env).not.toHaveProperty("GIT_CONFIG_KEY_999");
  });

  it.each([
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_QUARANTINE_PATH",
    "GIT_OBJECT_DIRECTORY",
    "GIT_NAMESPACE",
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_TEMPLATE_DIR",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET",
    "GIT_CURL_VERBOSE",
    "GIT_TRACE_REDACT",
    "GIT_EXTERNAL_DIFF",
    "GIT_LITERAL_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_NO_LAZY_FETCH",
    "GIT_ATTR_SOURCE",
    "GIT_PAGER",
    "GIT_AUTHOR_DATE",
    "GIT_COMMITTER_EMAIL",
  ])("forgets %s", (name) => {
    expect(gitEnvironment([], { HOME: "/home", [name]: "1" })).not.toHaveProperty(name);
  });

  it.each([
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_SSL_CAINFO",
    "GIT_CONFIG_GLOBAL",
    "GIT_TERMINAL_PROMPT",
    "SSH_ASKPASS",
  ])("keeps %s: how a person reaches and signs in to a remote", (name) => {
    expect(gitEnvironment([], { [name]: "/value" })).toHaveProperty(name, "/value");
  });

  it("keeps a trace that goes to a file", () => {
    expect(gitEnvironment([], { GIT_TRACE: "/tmp/trace" })).toHaveProperty("GIT_TRACE", "/tmp/trace");
  });
});
