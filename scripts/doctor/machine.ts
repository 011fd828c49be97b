import { run } from "../../actions/lib/core/process.ts";

/** The machine on which a person works, as checks look at it. */
export interface Machine {
  /** Starts a program in the checkout. @returns what it printed; undefined where it is missing, or fails */
  ask(command: string, args: readonly string[]): Promise<string | undefined>;
  readonly env: NodeJS.ProcessEnv;
  /** Node.js's own version, such as `24.21.0`. */
  readonly node: string;
  /** As Terraform's releases name it, such as `linux_amd64`. */
  readonly platform: string;
}

/** Milliseconds that a program may take to tell its version or its settings. */
const patience = 20_000;

/** This machine. @param directory the checkout's root folder */
export function thisMachine(directory: string): Machine {
  const answers = new Map<string, Promise<string | undefined>>();
  // A person's own settings are looked at, so nothing of their environment is taken away.
  const start = (command: string, args: readonly string[]) =>
    run(command, args, { cwd: directory, timeout: patience }).then(
      ({ stdout }) => stdout,
      () => undefined,
    );
  return {
    ask(command, args) {
      const question = JSON.stringify([command, ...args]);
      const answer = answers.get(question) ?? start(command, args);
      answers.set(question, answer);
      return answer;
    },
    env: process.env,
    node: process.versions.node,
    platform: `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}
