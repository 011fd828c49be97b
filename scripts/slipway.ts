import { readdir } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { Command } from "commander";
import { explain } from "../actions/lib/core/errors.ts";
import { printable } from "../actions/lib/core/printable.ts";

/** What each file in `commands/` exports. */
interface CommandModule {
  /** Adds the command, its options and its action to the program. */
  register(program: Command): void;
}

const program = new Command("slipway")
  .description("From git push to proven live on Amazon EKS, and away again with a receipt.")
  .showHelpAfterError("(--help tells what there is)")
  .configureHelp({ sortSubcommands: true });

// What Node.js has compiled once it keeps for the next start: https://nodejs.org/api/module.html#module-compile-cache
enableCompileCache();

const folder = join(import.meta.dirname, "commands");
const files = (await readdir(folder)).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
// One that is named needs no other; help, and an unknown word, need them all.
const named = `${process.argv[2]}.ts`;
for (const file of files.includes(named) ? [named] : files.sort()) {
  const module = (await import(join(folder, file))) as CommandModule;
  module.register(program);
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`slipway: ${printable(explain(error))}\n`);
  process.exitCode = 1;
}
