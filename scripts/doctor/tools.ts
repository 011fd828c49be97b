import type { CheckResult } from "../../actions/lib/doctor/finding.ts";
import { pinnedChecksums, serves, terraformVersion } from "../../actions/lib/terraform/run/version.ts";
import type { MachineCheck } from "./finding.ts";

/** The first version whose GIT_CONFIG_COUNT lets us give git settings: https://git-scm.com/docs/git/2.31.0 */
const gitMinimum = [2, 31] as const;
/** As package.json says under "engines". */
const nodeMinimum = 24;

const node: MachineCheck = {
  id: "tool-node",
  title: "Node.js",
  look({ machine }) {
    const found: CheckResult =
      Number.parseInt(machine.node, 10) >= nodeMinimum
        ? { level: "ok", says: `${machine.node}.` }
        : {
            level: "blocks",
            says: `Node.js is ${machine.node}, and ${nodeMinimum} or newer is needed.`,
            next: "Start ./slipway and no other file: it brings its own Node.js.",
          };
    return Promise.resolve([found]);
  },
};

const git: MachineCheck = {
  id: "tool-git",
  title: "git",
  async look({ machine }) {
    const version = /\d+\.\d+[.\d]*/.exec((await machine.ask("git", ["--version"])) ?? "")?.[0];
    const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
    const next = `Install git ${gitMinimum.join(".")} or newer.`;
    if (!version) return [{ level: "blocks", says: "git is missing.", next }];
    if (major < gitMinimum[0] || (major === gitMinimum[0] && minor < gitMinimum[1]))
      return [{ level: "blocks", says: `git is ${version}, and takes no settings from its environment.`, next }];
    return [{ level: "ok", says: `${version}.` }];
  },
};

const terraform: MachineCheck = {
  id: "tool-terraform",
  title: "Terraform",
  async look({ machine }) {
    const printed = await machine.ask("terraform", ["version", "-json"]);
    const version = /"terraform_version":\s*"([^"]+)"/.exec(printed ?? "")?.[1];
    if (version && serves(version)) return [{ level: "ok", says: `${version}.` }];
    const now = version ? `Terraform ${version} on PATH does not serve` : "There is no Terraform on PATH";
    if (pinnedChecksums[machine.platform])
      return [{ level: "ok", says: `${now}: bootstrap downloads ${terraformVersion.pinned} for itself.` }];
    return [
      {
        level: "blocks",
        says: `${now}, and none can be downloaded for ${machine.platform}.`,
        next: `Put a Terraform from ${terraformVersion.minimum} to below ${terraformVersion.below} on PATH.`,
      },
    ];
  },
};

/** A tool that only some commands need. */
function optional(command: string, title: string, args: readonly string[], needs: string): MachineCheck {
  return {
    id: `tool-${command}`,
    title,
    async look({ machine }) {
      const printed = await machine.ask(command, args);
      const version = /\d+\.\d+[.\d]*/.exec(printed ?? "")?.[0];
      if (printed !== undefined) return [{ level: "ok", says: `${version ?? "It is there"}.` }];
      return [
        { level: "advice", says: `${title} is missing: ${needs}`, next: `Install ${command} when you want them.` },
      ];
    },
  };
}

/** The programs that a person's commands start, and their versions. */
export const toolChecks: readonly MachineCheck[] = [
  node,
  git,
  terraform,
  optional(
    "kubectl",
    "kubectl",
    ["version", "--client"],
    "./slipway plan checks no manifests, and ./slipway logs needs it.",
  ),
  optional("docker", "Docker", ["--version"], "./slipway rehearse and ./slipway up need it."),
];
