import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { finish } from "./finish.ts";

/**
 * Runs Angular's CLI in an interface's folder: `node ../../ui/build/ng.ts build`, `serve`, `serve -c es`. All interfaces are
 * built alike, so what Angular wants as angular.json is one file here (workspace.json, with paths from an interface's
 * folder); a copy of it, with the kit's own files as they are seen from there, is written before each run and never
 * committed. After a build follows what Angular leaves to do.
 */
const folder = resolve(".");
const kit = relative(folder, join(import.meta.dirname, ".."));
const template = readFileSync(join(import.meta.dirname, "workspace.json"), "utf8");
writeFileSync(join(folder, "angular.json"), template.replaceAll("{kit}", kit));

const args = process.argv.slice(2);
const { status, error } = spawnSync("ng", args, { cwd: folder, stdio: "inherit" });
if (error) throw error;
if (status === 0 && args[0] === "build") await finish(join(folder, "dist"));
process.exitCode = status ?? 1;
