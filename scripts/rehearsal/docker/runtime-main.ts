// An OCI runtime: runc, for a machine that lacks capabilities.
// Arguments: runc's path, the missing capabilities with commas, then runc's own arguments.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withinReach } from "./runtime.ts";

const [runc = "runc", missing = "", ...args] = process.argv.slice(2);
const names = missing.split(",");

/** The value of an option, as `--bundle path` or `--bundle=path`. */
function option(...options: string[]): string | undefined {
  for (const [index, each] of args.entries()) {
    if (options.includes(each)) return args[index + 1];
    const found = options.find((name) => each.startsWith(`${name}=`));
    if (found) return each.slice(found.length + 1);
  }
  return undefined;
}

function rewrite(file: string, change: (content: never) => object): void {
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")) as never)));
}

const bundle = join(option("--bundle", "-b") ?? ".", "config.json");
const exec = option("--process", "-p");
if (args.includes("create") && existsSync(bundle))
  rewrite(bundle, (config: { process: object }) => ({ ...config, process: withinReach(config.process, names) }));
if (args.includes("exec") && exec) rewrite(exec, (process: object) => withinReach(process, names));
process.execve?.(runc, [runc, ...args], process.env);
