import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";
import { type AwsCredentialProvider, childEnvironment, mask } from "../aws/credentials.ts";
import { SlipwayError } from "../core/errors.ts";
import { exists } from "../core/files.ts";
import { type ProcessResult, run } from "../core/process.ts";
import {
  applyArguments,
  importArguments,
  initArguments,
  outputArguments,
  type PlannedChange,
  planArguments,
  showArguments,
  showJsonArguments,
  statePushArguments,
  stateRemoveArguments,
} from "./run/command.ts";
import { describeDiagnostic, type EventLog, eventLog } from "./run/events.ts";
import { refuseEnvironment } from "./inputs/environment.ts";
import { judgeApply, judgePlan, parsePlan, pendingChanges } from "./plan/judge.ts";
import { printedJson } from "./plan/json.ts";
import type { StateLocation } from "./root.ts";
import type { TerraformVariables } from "./variables.ts";

/** What Terraform is run with. */
export interface SessionOptions {
  /** Terraform's path or name. */
  program: string;
  /** The root's folder in the checkout, where a state that cannot be uploaded is left. */
  folder: string;
  /** Where Terraform runs: a copy of `folder`, which may go at the end; in `folder` when left out. */
  runIn?: string;
  location: StateLocation;
  variables: TerraformVariables;
  credentials: AwsCredentialProvider;
  /** Asks a running Terraform to stop, by one SIGINT: a second would make it drop what is under way. */
  signal?: AbortSignal;
  log: (line: string) => void;
}

/** What `terraform output -json` prints: https://developer.hashicorp.com/terraform/cli/commands/output */
const outputValues = z.record(z.string(), z.object({ sensitive: z.boolean(), value: z.unknown() }));
/** One value of `terraform output`. */
export type OutputValue = z.infer<typeof outputValues>[string];

/** Terraform in one root, with its own files in a folder that only we can read and that goes at the end. */
export interface TerraformSession extends AsyncDisposable {
  init(): Promise<void>;
  /** Takes what exists already under this root's care; nothing happens where it is in the state. */
  adopt(address: string, id: string): Promise<void>;
  /** The reverse: no plan touches it any more; nothing happens where it is not in the state. */
  release(address: string): Promise<void>;
  /**
   * @returns whether there are changes, what the events told, and each change as in `aws_vpc.this: create`
   * @throws SlipwayError with Terraform's errors, or with reason `terraform-wrapped`
   */
  plan(what?: PlannedChange): Promise<{ changes: boolean; events: EventLog; pending: string[] }>;
  /** The last plan as people read it, sensitive values hidden. */
  planText(): Promise<string>;
  /** Applies the last plan. Does not throw when Terraform fails: what to do depends on what it left. */
  apply(): Promise<{ failure: SlipwayError | undefined; events: EventLog }>;
  outputs(): Promise<Record<string, OutputValue>>;
  /** Where Terraform leaves the state that it could not upload. */
  readonly erroredState: string;
  /** Uploads a state file, with new credentials; not stopped by `signal`. */
  pushState(file: string): Promise<void>;
}

/** Prepares a session; nothing is started yet. @throws SlipwayError with reason `unseen-input` or `state-push-failed` */
export async function openSession(options: SessionOptions): Promise<TerraformSession> {
  const { program, folder, runIn = folder, location, credentials, log } = options;
  refuseEnvironment();
  const erroredState = resolve(folder, "errored.tfstate");
  const left = await exists(erroredState);
  if (left)
    throw new SlipwayError(`${erroredState} was left by an earlier apply that could not upload its state.`, {
      next: "Run in that folder: terraform state push errored.tfstate; then delete the file.",
      reason: "state-push-failed",
    });
  // Terraform writes it where it runs; the link has it outlive the copy, also when this process is killed.
  if (runIn !== folder) await symlink(erroredState, join(runIn, "errored.tfstate"));
  // mkdtemp makes a folder that only its owner can read: the plan and the variables may hold secrets.
  const own = await mkdtemp(join(process.env.RUNNER_TEMP || tmpdir(), "slipway-terraform-"));
  const variablesFile = join(own, "variables.tfvars.json");
  const planFile = join(own, "plan");
  await writeFile(variablesFile, JSON.stringify(options.variables), { mode: 0o600 });

  const start = async (
    args: string[],
    more: { okCodes?: number[]; events?: EventLog; quiet?: boolean; unstoppable?: boolean } = {},
  ): Promise<ProcessResult> => {
    if (!more.unstoppable) options.signal?.throwIfAborted();
    return run(program, args, {
      cwd: runIn,
      env: await terraformEnvironment(credentials, location.region, own),
      ownGroup: true,
      stopSignal: "SIGINT",
      ...(options.signal && !more.unstoppable ? { signal: options.signal } : {}),
      ...(more.okCodes ? { okCodes: more.okCodes } : {}),
      ...(more.events ? { discardOutput: true } : {}),
      onLine: (line, stream) => {
        if (stream === "stdout" && more.events) more.events.line(line);
        else if (!more.quiet && line.trim() !== "") log(`terraform: ${line}`);
      },
    });
  };

  /** What Terraform prints; it may hold secrets, so that a failure tells only what was said along with it. */
  const printed = async (args: string[], unstoppable = false): Promise<string> => {
    const okCodes = Array.from({ length: 256 }, (_, code) => code);
    const { code, stdout, stderr } = await start(args, { quiet: true, unstoppable, okCodes });
    if (code === 0) return stdout;
    throw new SlipwayError(`"${program} ${args[0]}" failed with exit code ${code}:\n${stderr.trim()}\n`, {
      next: "Correct what it names, then run this again.",
    });
  };

  return {
    erroredState,
    async init() {
      await start(initArguments(location));
    },
    async adopt(address, id) {
      const args = importArguments({ variablesFile, address, id });
      const { code, stderr } = await start(args, { okCodes: [0, 1], quiet: true });
      if (code === 1 && !stderr.includes("Resource already managed by Terraform"))
        throw new SlipwayError(`terraform import ${address} failed:\n${stderr.trim()}\n`, {
          next: "Correct what it names, then run this again.",
          reason: "import-failed",
        });
    },
    async release(address) {
      const { code, stderr } = await start(stateRemoveArguments(address), { okCodes: [0, 1], quiet: true });
      if (code === 1 && !/No (matching objects|state file) (was )?found/.test(stderr))
        throw new SlipwayError(`terraform state rm ${address} failed:\n${stderr.trim()}\n`, {
          next: "Correct what it names, then run this again.",
        });
    },
    async plan(what) {
      const events = eventLog("plan", log);
      // A plan that is not written must not be taken for the one before it.
      await rm(planFile, { force: true });
      const { code } = await start(planArguments({ variablesFile, planFile, ...what }), { events, okCodes: [0, 1, 2] });
      if (code === 1 || events.errors.length > 0) throw terraformFailed("plan", events);
      const plan = parsePlan(await printed(showJsonArguments(planFile)), program);
      if (plan.errored) throw terraformFailed("plan", events);
      return { changes: judgePlan({ code, events, program }, plan), events, pending: pendingChanges(plan) };
    },
    async planText() {
      return (await start(showArguments(planFile), { quiet: true })).stdout;
    },
    async apply() {
      const events = eventLog("apply", log);
      const { code } = await start(applyArguments(planFile), { events, okCodes: [0, 1] });
      return { failure: judgeApply({ code, events, program }, () => terraformFailed("apply", events)), events };
    },
    async outputs() {
      const found = printedJson(outputValues, await printed(outputArguments(), true), "output -json", program);
      for (const output of Object.values(found)) if (output.sensitive) maskAll(output.value);
      return found;
    },
    async pushState(file) {
      await start(statePushArguments(file), { unstoppable: true });
    },
    async [Symbol.asyncDispose]() {
      await rm(own, { recursive: true, force: true });
    },
  };
}

async function terraformEnvironment(
  credentials: AwsCredentialProvider,
  region: string,
  own: string,
): Promise<NodeJS.ProcessEnv> {
  const { TF_CLI_CONFIG_FILE: settings, ...env } = await childEnvironment(credentials, region);
  const settingsThere = settings && (await exists(settings));
  return {
    ...env,
    // Terraform warns in every command about a settings file that is not there.
    ...(settingsThere ? { TF_CLI_CONFIG_FILE: settings } : {}),
    TF_DATA_DIR: join(own, "data"),
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
  };
}

/** Hides every text in a value from the runner's log. */
function maskAll(value: unknown): void {
  if (typeof value === "string" && value !== "") mask(value);
  else if (typeof value === "object" && value !== null) Object.values(value).forEach(maskAll);
}

/** What Terraform said went wrong: the first three errors; the log has them all. */
export function terraformFailed(command: "plan" | "apply", { errors }: EventLog): SlipwayError {
  const told = errors.slice(0, 3).map(describeDiagnostic);
  const more = errors.length > 3 ? [`and ${errors.length - 3} more`] : [];
  const text = [...told, ...more].join("\n") || "Terraform printed no error.";
  return new SlipwayError(`terraform ${command} failed:\n${text}\n`, {
    next: "Correct what it names, then run this again: it goes on from the state that was written.",
    reason: command === "plan" ? "plan-failed" : "apply-failed",
  });
}
