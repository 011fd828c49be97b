import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "../tools/system.ts";

/** Linux's capabilities by their numbers (capabilities(7), linux/capability.h); newer ones have no use here. */
const capabilities = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE " +
  "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN " +
  "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE " +
  "MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
)
  .split(" ")
  .map((name) => `CAP_${name}`);

/**
 * The capabilities that this process, and so whatever it starts, can never have.
 *
 * @param status the text of /proc/self/status
 */
export function missingCapabilities(status: string): string[] {
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0"}`);
  return capabilities.filter((_, bit) => ((bounding >> BigInt(bit)) & 1n) === 0n);
}

/**
 * dockerd's arguments on a machine that lacks a capability: a privileged container asks for all of them, and runc refuses
 * to start it ("unable to apply caps"). The runtime that is named here asks for what there is. Nothing on other machines.
 *
 * @param folder where the runtime is written to
 */
export async function runtimeArguments(folder: string): Promise<string[]> {
  const missing = missingCapabilities(await readFile("/proc/self/status", "utf8"));
  const runc = await findProgram("runc");
  if (missing.length === 0 || !runc) return [];
  const file = join(folder, "runc");
  const words = [process.execPath, join(import.meta.dirname, "runtime-main.ts"), runc, missing.join(",")];
  await writeFile(file, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`);
  await chmod(file, 0o755);
  return [`--add-runtime=slipway=${file}`, "--default-runtime=slipway"];
}

/** A process as an OCI bundle describes it; the fields that are changed. */
interface OciProcess {
  capabilities?: Record<string, string[]>;
  rlimits?: unknown[];
}

/**
 * Takes out of a process what a machine without some capabilities cannot give: these, and limits, which only
 * CAP_SYS_RESOURCE may raise.
 */
export function withinReach<T extends OciProcess>(process: T, missing: readonly string[]): T {
  const { rlimits, ...rest } = process;
  const kept = Object.entries(process.capabilities ?? {}).map(([set, names]) => [
    set,
    names.filter((name) => !missing.includes(name)),
  ]);
  return {
    ...(rest as T),
    ...(rlimits && !missing.includes("CAP_SYS_RESOURCE") ? { rlimits } : {}),
    ...(process.capabilities ? { capabilities: Object.fromEntries(kept) as Record<string, string[]> } : {}),
  };
}
