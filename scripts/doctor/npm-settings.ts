import type { CheckResult } from "../../actions/lib/doctor/finding.ts";
import { SlipwayError } from "../../actions/lib/core/errors.ts";
import type { MachineCheck } from "./finding.ts";

/** A setting of npm that gets in the way. https://docs.npmjs.com/cli/using-npm/config tells what each does. */
interface Setting {
  id: string;
  key: string;
  title: string;
  /** Only where somebody has set it: npm's own value does not. */
  onlyWhereSet?: boolean;
  /** Whether the value does, and what it does. */
  harms: (value: unknown) => string | undefined;
}

const settings: readonly Setting[] = [
  {
    id: "npm-omit",
    key: "omit",
    title: "what npm leaves out",
    harms: (value) =>
      [value].flat().includes("dev")
        ? "npm leaves development packages out, and ./slipway is made of them."
        : undefined,
  },
  {
    id: "npm-registry",
    key: "registry",
    title: "npm's registry",
    onlyWhereSet: true,
    harms: (value) =>
      `npm asks ${URL.parse(String(value))?.host ?? "an invalid address"}: a lock file that it writes names that address, and GitHub's runners may not reach it.`,
  },
  {
    id: "npm-strict-ssl",
    key: "strict-ssl",
    title: "npm's TLS",
    harms: (value) => (value === false ? "npm does not look whose certificate a registry shows." : undefined),
  },
  {
    id: "npm-offline",
    key: "offline",
    title: "npm's network",
    harms: (value) => (value === true ? "npm works offline, and installs only what it has." : undefined),
  },
];

function checkOf({ id, key, title, onlyWhereSet, harms }: Setting): MachineCheck {
  return {
    id,
    title,
    async look({ machine }) {
      const all = json(await machine.ask("npm", ["config", "list", "--json"]));
      if (!all) throw new SlipwayError("npm does not tell its settings.", { next: "Look at: npm config list" });
      // The short list has what somebody has set, and no value of npm's own.
      const set = !onlyWhereSet || (await machine.ask("npm", ["config", "list"]))?.includes(`\n${key} = `);
      const harm = set ? harms(all[key]) : undefined;
      const found: CheckResult = harm
        ? { level: "advice", says: harm, next: `npm config delete ${key}, or look where "npm config ls -l" finds it.` }
        : { level: "ok", says: "As usual." };
      return [found];
    },
  };
}

function json(text: string | undefined): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text ?? "") as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

const proxy: MachineCheck = {
  id: "proxy",
  title: "a proxy",
  look({ machine: { env } }) {
    const given = env.HTTPS_PROXY ?? env.https_proxy;
    if (!given) return Promise.resolve([{ level: "ok", says: "None is set." }]);
    // https://nodejs.org/api/cli.html#node_use_env_proxy1
    if (env.NODE_USE_ENV_PROXY === "1") return Promise.resolve([{ level: "ok", says: "Node.js uses it, too." }]);
    return Promise.resolve([
      {
        level: "advice",
        says: "HTTPS_PROXY is set, and Node.js does not use it: requests to AWS and GitHub go without it.",
        next: "Set NODE_USE_ENV_PROXY=1, too, where nothing is reached without the proxy.",
      },
    ]);
  },
};

/** Settings of npm and of the network that get in the way. */
export const npmChecks: readonly MachineCheck[] = [...settings.map(checkOf), proxy];
