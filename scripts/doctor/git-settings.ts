import type { CheckResult } from "../../actions/lib/doctor/finding.ts";
import type { MachineCheck, MachineSubject } from "./finding.ts";

const ok = (says: string): CheckResult[] => [{ level: "ok", says }];

const objectFormat: MachineCheck = {
  id: "git-object-format",
  title: "the repository's object format",
  async look({ machine }) {
    const format = (await machine.ask("git", ["rev-parse", "--show-object-format"]))?.trim();
    if (format !== "sha256") return ok(`The objects are ${format ?? "sha1"}.`);
    return [
      {
        level: "blocks",
        says: "The repository's objects are SHA-256, which GitHub does not take.",
        next: "Clone it again with GIT_DEFAULT_HASH=sha1 (git config --global init.defaultObjectFormat sha1).",
      },
    ];
  },
};

const remote: MachineCheck = {
  id: "git-remote",
  title: "where git pushes to",
  async look({ machine, config }) {
    const url = (await machine.ask("git", ["remote", "get-url", "--push", "origin"]))?.trim();
    const add = `git remote ${url ? "set-url" : "add"} origin https://github.com/${config.git.repository}.git`;
    if (!url) return [{ level: "advice", says: 'The clone has no remote "origin".', next: add }];
    const path = url
      .replace(/\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .slice(-2)
      .join("/");
    if (path.toLowerCase() === config.git.repository.toLowerCase()) return ok(`origin is ${config.git.repository}.`);
    // An address may hold a password.
    const shown = url.replace(/\/\/[^@/]*@/, "//");
    return [
      {
        level: "advice",
        says: `git push goes to ${shown}, and slipway.yaml names ${config.git.repository}.`,
        next: `${add}; look at "url.*.insteadOf" in git config, too.`,
      },
    ];
  },
};

const extraHeader: MachineCheck = {
  id: "git-extra-header",
  title: "headers that git adds",
  async look({ machine }) {
    const keys = await settingNames({ machine });
    // Its value may be a token, so only its name is told.
    const found = keys.filter((key) => /^http\.(.*github\.com.*\.)?extraheader$/i.test(key));
    if (found.length === 0) return ok("git adds none.");
    return [
      {
        level: "advice",
        says: `git sends a header of your own with each request to GitHub (${[...new Set(found)].join(", ")}): two tokens in one request are refused.`,
        next: `git config --global --unset-all ${found[0]}`,
      },
    ];
  },
};

async function settingNames({ machine }: Pick<MachineSubject, "machine">): Promise<string[]> {
  const printed = await machine.ask("git", ["config", "--list", "--name-only", "-z"]);
  return (printed ?? "").split("\0").filter(Boolean);
}

const lfs: MachineCheck = {
  id: "git-lfs",
  title: "files in Git LFS",
  async look({ machine }) {
    const files =
      (await machine.ask("git", ["ls-files", "-z", ":(attr:filter=lfs)"]))?.split("\0").filter(Boolean) ?? [];
    if (files.length === 0) return ok("No file is in Git LFS.");
    if ((await machine.ask("git", ["lfs", "version"])) !== undefined)
      return ok(`${files.length} files are in Git LFS.`);
    return [
      {
        level: "advice",
        says: `${files.length} files are in Git LFS (${files[0]}), which is not installed: what you change in them is pushed wrongly.`,
        next: "Install git-lfs, then run git lfs install and git lfs pull.",
      },
    ];
  },
};

const settingFiles = ["slipway.yaml", "gitops/bootstrap", ".github/workflows"];

const committed: MachineCheck = {
  id: "git-uncommitted",
  title: "settings that are not committed",
  needsBootstrap: true,
  async look({ machine }) {
    const printed = await machine.ask("git", ["status", "--porcelain", "-z", "--", ...settingFiles]);
    const files = (printed ?? "")
      .split("\0")
      .filter(Boolean)
      .map((line) => line.slice(3));
    if (files.length === 0) return ok("All are committed.");
    return [
      {
        level: "advice",
        says: `Changed, and not committed: ${files.join(", ")}. A push delivers what is committed.`,
        next: "Commit them, or take them back.",
      },
    ];
  },
};

/** Settings of git, and of the clone, that get in the way. */
export const gitChecks: readonly MachineCheck[] = [objectFormat, remote, extraHeader, lfs, committed];
