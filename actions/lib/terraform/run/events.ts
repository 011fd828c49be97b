import * as z from "zod";
import { formatDuration } from "../../core/summary.ts";

const resource = z.object({ addr: z.string() });
const counts = z.object({ add: z.number(), change: z.number(), remove: z.number() });
const diagnostic = z.object({
  severity: z.string(),
  summary: z.string(),
  detail: z.string().default(""),
  address: z.string().optional(),
  range: z.object({ filename: z.string(), start: z.object({ line: z.number() }) }).optional(),
});
const hook = z.object({
  resource,
  action: z.string().default(""),
  id_value: z.string().optional(),
  elapsed_seconds: z.number().default(0),
  output: z.string().default(""),
});

/**
 * The events that we read, of those that `-json` prints one a line; others are left out.
 * https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 */
const event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("version"), terraform: z.string() }),
  z.object({ type: z.literal("outputs"), outputs: z.record(z.string(), z.object({ action: z.string().optional() })) }),
  z.object({ type: z.literal("planned_change"), change: z.object({ resource, action: z.string() }) }),
  z.object({ type: z.literal("resource_drift"), change: z.object({ resource, action: z.string() }) }),
  z.object({ type: z.literal("change_summary"), changes: counts.extend({ operation: z.string() }) }),
  z.object({ type: z.literal("diagnostic"), diagnostic }),
  z.object({ type: z.literal("log"), "@message": z.string() }),
  z.object({
    type: z.enum(["apply_start", "apply_progress", "apply_complete", "apply_errored", "provision_progress"]),
    "@timestamp": z.string(),
    hook,
  }),
]);
type TerraformEvent = z.infer<typeof event>;

/** How many resources an apply adds, changes and destroys; a replaced one is destroyed and added. */
export type ChangeCounts = { add: number; change: number; remove: number };
/** One change of a resource that came to its end. */
export interface FinishedChange {
  address: string;
  action: string;
  milliseconds: number;
}
/** An error or warning of Terraform's. */
export type Diagnostic = z.infer<typeof diagnostic>;

/** What a stream of events has told so far. */
export interface EventLog {
  /** Takes one line of standard output; a line that is not an event is kept as it is. */
  line(text: string): void;
  /** The plan's own count; zeros until it is there. */
  readonly planned: ChangeCounts;
  /** How many planned changes of resources and outputs were told; moves and imports count. */
  readonly changes: number;
  /** The operations whose summary was told, of `plan`, `apply` and `destroy`: Terraform tells it at their end. */
  readonly summaries: ReadonlySet<string>;
  /** The version of the Terraform that ran; undefined when it did not tell. */
  readonly version: string | undefined;
  readonly finished: readonly FinishedChange[];
  readonly errors: readonly Diagnostic[];
}

const signs: Record<string, string> = { create: "+", update: "~", delete: "-", replace: "±", read: "<" };
const done: Record<string, string> = { create: "created", update: "changed", delete: "destroyed", read: "read" };

/**
 * Turns Terraform's event stream into a log of one line per resource.
 *
 * @param phase an apply repeats the planned changes, which were shown with the plan
 * @param print gets each line of the log; none begins with `::`, which the runner would take for a command
 */
export function eventLog(phase: "plan" | "apply", print: (line: string) => void): EventLog {
  const planned: ChangeCounts = { add: 0, change: 0, remove: 0 };
  const finished: FinishedChange[] = [];
  const errors: Diagnostic[] = [];
  const started = new Map<string, number>();
  const summaries = new Set<string>();
  let changes = 0;
  let version: string | undefined;

  const quote = (text: string) => {
    for (const line of text.split("\n")) print(`| ${line}`);
  };
  const take = (found: TerraformEvent) => {
    switch (found.type) {
      case "version":
        version = found.terraform;
        break;
      case "outputs":
        changes += Object.values(found.outputs).filter(({ action = "noop" }) => action !== "noop").length;
        break;
      case "planned_change":
        changes += 1;
        if (phase === "plan")
          print(`${sign(found.change.action)} ${found.change.resource.addr}: ${found.change.action}`);
        break;
      case "resource_drift":
        if (phase === "plan") print(`! ${found.change.resource.addr}: changed outside of Terraform`);
        break;
      case "change_summary": {
        const { operation, ...counted } = found.changes;
        summaries.add(operation);
        if (operation === "plan") Object.assign(planned, counted);
        print(`= ${describeCounts(counted)}${operation === "plan" ? " planned" : ""}`);
        break;
      }
      case "diagnostic":
        if (found.diagnostic.severity === "error") errors.push(found.diagnostic);
        quote(describeDiagnostic(found.diagnostic));
        break;
      case "log":
        quote(found["@message"].trim());
        break;
      default:
        hooked(found.type, found.hook, Date.parse(found["@timestamp"]));
    }
  };

  const hooked = (type: string, { resource: { addr }, ...told }: z.infer<typeof hook>, at: number) => {
    // A replaced resource has two changes under one address.
    const key = `${told.action} ${addr}`;
    const milliseconds = at - (started.get(key) ?? at - told.elapsed_seconds * 1000);
    const after = formatDuration(milliseconds);
    if (type === "apply_start") started.set(key, at);
    else if (type === "provision_progress") print(`| ${addr}: ${told.output}`);
    else if (type === "apply_errored") print(`x ${addr}: ${told.action} failed after ${after}`);
    else if (type === "apply_progress") {
      // Every ten seconds is too much for a cluster that takes ten minutes.
      if (told.elapsed_seconds % 60 === 0) print(`… ${addr}: ${told.action} for ${after}`);
    } else {
      finished.push({ address: addr, action: told.action, milliseconds });
      const id = told.id_value ? ` (${told.id_value})` : "";
      print(`${sign(told.action)} ${addr}: ${done[told.action] ?? told.action} in ${after}${id}`);
    }
  };

  return {
    planned,
    finished,
    errors,
    summaries,
    get changes() {
      return changes;
    },
    get version() {
      return version;
    },
    line(text) {
      if (text.trim() === "") return;
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch {
        print(`terraform: ${text}`);
        return;
      }
      const parsed = event.safeParse(json);
      if (parsed.success) take(parsed.data);
    },
  };
}

function sign(action: string): string {
  return signs[action] ?? "*";
}

/** `2 added, 0 changed, 1 destroyed`. */
export function describeCounts({ add, change, remove }: ChangeCounts): string {
  return `${add} added, ${change} changed, ${remove} destroyed`;
}

/** What an apply has really done; true also for one that stopped half-way. */
export function countFinished(finished: readonly FinishedChange[]): ChangeCounts {
  const of = (action: string) => finished.filter((change) => change.action === action).length;
  return { add: of("create"), change: of("update"), remove: of("delete") };
}

/** A diagnostic for a person: what, for which resource, in which file and line, then Terraform's own explanation. */
export function describeDiagnostic({ severity, summary, detail, address, range }: Diagnostic): string {
  const where = [address, range && `${range.filename}:${range.start.line}`].filter(Boolean).join(", ");
  return `${severity}: ${summary}${where ? ` (${where})` : ""}${detail ? `\n${detail}` : ""}`;
}
