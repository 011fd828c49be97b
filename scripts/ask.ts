import { createInterface } from "node:readline/promises";
import { SlipwayError } from "../actions/lib/errors.ts";

/** Asks the person at the terminal for a line. @throws SlipwayError where there is no terminal */
export async function askFor(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new SlipwayError("There is no terminal to ask at.", { next: "Run it in a terminal, or with --yes." });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(`${question} `)).trim();
  } finally {
    terminal.close();
  }
}
