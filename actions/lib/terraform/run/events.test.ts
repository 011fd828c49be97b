import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { countFinished, describeCounts, type EventLog, eventLog } from "./events.ts";

/** Feeds what Terraform 1.11.4 really printed. */
function replay(phase: "plan" | "apply", file: string): { events: EventLog; lines: string[] } {
  const lines: string[] = [];
  const events = eventLog(phase, (line) => lines.push(line));
  const recorded = readFileSync(join(import.meta.dirname, "../fixtures", file), "utf8");
  for (const line of recorded.split("\n")) events.line(line);
  return { events, lines };
}

test("a plan is one line for each change and a count", () => {
  const { events, lines } = replay("plan", "plan.jsonl");
  expect(lines).toEqual([
    "± terraform_data.network: replace",
    "~ terraform_data.cluster: update",
    "± terraform_data.nodes[0]: replace",
    "= 2 added, 1 changed, 2 destroyed planned",
  ]);
  expect(events.planned).toEqual({ add: 2, change: 1, remove: 2 });
});

describe("an apply that fails half-way", () => {
  const { events, lines } = replay("apply", "apply-failed.jsonl");

  test("counts what was really done", () => {
    expect(countFinished(events.finished)).toEqual({ add: 1, change: 1, remove: 2 });
    expect(describeCounts(countFinished(events.finished))).toBe("1 added, 1 changed, 2 destroyed");
  });

  test("does not repeat the plan, and says how long each resource took", () => {
    expect(lines.filter((line) => line.includes("replace"))).toEqual([]);
    expect(lines).toContain("~ terraform_data.cluster: changed in 0.0 s (2c0fcc59-299b-e0ef-bd5d-08c51caf5fd2)");
    expect(lines).toContain("x terraform_data.nodes[0]: create failed after 1.0 s");
    expect(lines).toContain("| terraform_data.nodes[0]: joining");
  });

  test("names the resource, the file and the line of the error", () => {
    expect(lines).toContain("| error: local-exec provisioner error (terraform_data.nodes[0], main.tf:13)");
    expect(events.errors).toHaveLength(1);
  });
});

test("what Terraform says of itself is quoted line by line", () => {
  const lines: string[] = [];
  const message = "\nInterrupt received.\nGracefully shutting down...\n";
  eventLog("apply", (line) => lines.push(line)).line(JSON.stringify({ type: "log", "@message": message }));
  expect(lines).toEqual(["| Interrupt received.", "| Gracefully shutting down..."]);
});

test("what is not an event is kept, and an unknown event is left out", () => {
  const lines: string[] = [];
  const events = eventLog("apply", (line) => lines.push(line));
  events.line("panic: runtime error");
  events.line(JSON.stringify({ type: "invented", "@message": "?" }));
  events.line(JSON.stringify({ type: "diagnostic", diagnostic: "of another shape" }));
  events.line("");
  expect(lines).toEqual(["terraform: panic: runtime error"]);
});

test("no line can be taken for a command to the runner", () => {
  const lines: string[] = [];
  const events = eventLog("apply", (line) => lines.push(line));
  const hook = { resource: { addr: "a.b" }, output: "::add-mask::x" };
  events.line("::set-output name=x::y");
  events.line(JSON.stringify({ type: "provision_progress", "@timestamp": "2026-01-01T00:00:00Z", hook }));
  const text = { severity: "error", summary: "s", detail: "::error::x" };
  events.line(JSON.stringify({ type: "diagnostic", diagnostic: text }));
  expect(lines).toHaveLength(4);
  for (const line of lines) expect(line.trimStart()).not.toMatch(/^::/);
});
