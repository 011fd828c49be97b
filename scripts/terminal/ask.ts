import { createInterface } from "node:readline";
import { SlipwayError } from "../../actions/lib/core/errors.ts";

/** The person at the terminal, for as long as there are questions. Ctrl-C means "stop" meanwhile. */
export interface Terminal extends Disposable {
  /**
   * Asks for a line; lines that were typed or pasted ahead answer the next questions.
   *
   * @throws SlipwayError where the person ends the input instead
   */
  ask(question: string): Promise<string>;
}

/** Opens the terminal. @throws SlipwayError where there is none */
export function openTerminal(): Terminal {
  if (!process.stdin.isTTY)
    throw new SlipwayError("There is no terminal to ask at.", { next: "Run it in a terminal, or with --yes." });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const ahead: string[] = [];
  let waiting: { take: (line: string) => void; stop: (error: Error) => void } | undefined;
  let over = false;
  const stopped = () =>
    new SlipwayError("Stopped at a question.", { next: "Run it again: it asks from the beginning." });
  terminal.on("line", (line) => {
    if (waiting) waiting.take(line);
    else ahead.push(line);
  });
  terminal.on("close", () => {
    over = true;
    waiting?.stop(stopped());
  });
  return {
    async ask(question) {
      terminal.setPrompt(`${question} `);
      terminal.prompt();
      const line =
        ahead.shift() ?? (over ? undefined : await new Promise<string>((take, stop) => (waiting = { take, stop })));
      waiting = undefined;
      if (line === undefined) throw stopped();
      return line.trim();
    },
    [Symbol.dispose]: () => terminal.close(),
  };
}

/** Asks the person at the terminal for one line. @throws SlipwayError where there is no terminal, or they end the input */
export async function askFor(question: string): Promise<string> {
  using terminal = openTerminal();
  return await terminal.ask(question);
}
