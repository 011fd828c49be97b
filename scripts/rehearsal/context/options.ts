import { createInterface } from "node:readline/promises";
import { type Command, Option } from "commander";
import { SlipwayError } from "../../../actions/lib/core/errors.ts";
import type { KubeContextOptions } from "./context.ts";

/** What the command line may say about a cluster of the person's. */
export interface KubeContextFlags {
  context?: string;
  address?: string;
  yes?: boolean;
}

/** Adds the options with which a rehearsal takes a cluster of the person's. */
export function contextOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--context <name>",
        "rehearse in the cluster of this context of your kubeconfig, and take away again what was made there",
      ),
    )
    .option("--address <address>", "with --context: an address of this machine that the cluster's pods reach")
    .option("--yes", "with --context: do not ask whether that cluster is meant");
}

/**
 * Asks the person whether they mean that cluster, which is theirs and not the rehearsal's.
 *
 * @returns what is rehearsed in; undefined where no context was named
 * @throws SlipwayError when they do not, or nobody can be asked
 */
export async function chosenKubeContext(flags: KubeContextFlags): Promise<KubeContextOptions | undefined> {
  const { context: name, address } = flags;
  if (name === undefined) {
    const [flag] = Object.entries({ "--address": address, "--yes": flags.yes }).find(([, value]) => value) ?? [];
    if (flag) throw new SlipwayError(`${flag} says something about a context.`, { next: "Add --context NAME." });
    return undefined;
  }
  const { readKubeContext } = await import("./kubectl.ts");
  const { cluster, server } = await readKubeContext(name);
  if (!flags.yes && !(await typed(name, warning(name, cluster, server))))
    throw new SlipwayError(`"${name}" was not typed: nothing was changed in its cluster.`, { reason: "declined" });
  return { name, address };
}

/** What happens in a cluster of the person's, before it happens. */
function warning(context: string, cluster: string, server: string): string {
  return [
    `The context ${context} is the cluster ${cluster} at ${server}. The rehearsal will be administrator there:`,
    "  it installs Argo CD and the apps, a StorageClass, and a pod on each node that tells containerd of the images;",
    "  on a cloud's cluster that one's own controllers make load balancers and volumes, which cost money meanwhile.",
    "  All of it is taken away at the end. A cluster that has any of it already is refused.",
  ].join("\n");
}

async function typed(name: string, what: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new SlipwayError("There is no terminal to ask at.", { next: "Run it in a terminal, or with --yes." });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${what}\nType the context's name to go on: `)).trim() === name;
  } finally {
    terminal.close();
  }
}
