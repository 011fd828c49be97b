import { expect, it } from "vitest";
import { SlipwayError } from "../../core/errors.ts";
import type { Down, Remaining, Teardown } from "./down.ts";
import { type DownRecord, takeDown } from "./stage-down.ts";

const pauses = { shortest: 1, longest: 4 };
const disk: Remaining = { kind: "volume", name: "vol-1", why: "attached to i-1", next: "Detach it." };

/** A stage whose looks give one list after the other, the last one again and again. */
function stage(looks: Remaining[][], more: Partial<Down> = {}) {
  const asked: number[] = [];
  let look = 0;
  const down: Down = {
    minutes: 1,
    doneWhen: "no volume",
    remaining: async () => looks[Math.min(look++, looks.length - 1)] ?? [],
    act: async (_teardown, remaining) => void asked.push(remaining.length),
    ...more,
  };
  return { name: "volumes", down, asked };
}

function teardown(signal = new AbortController().signal) {
  const lines: string[] = [];
  const report = { line: (text: string) => void lines.push(text) };
  return { lines, work: { report, signal } as unknown as Teardown };
}

const record = (): DownRecord => ({ name: "volumes", result: "none", milliseconds: 0, found: [] });

it("asks nothing of what is not there", async () => {
  const own = stage([[]]);
  const kept = record();
  await takeDown(own, teardown().work, kept, pauses);
  expect(own.asked).toEqual([]);
  expect(kept).toMatchObject({ result: "none", found: [] });
});

it("asks again for what comes back, and says once what it waits for", async () => {
  const own = stage([[disk], [disk], [], [disk]].slice(0, 3));
  const { lines, work } = teardown();
  const kept = record();
  await takeDown(own, work, kept, pauses);
  expect(own.asked).toEqual([1, 1]);
  expect(lines).toEqual(["  volume vol-1: attached to i-1"]);
  expect(kept).toMatchObject({ result: "gone", found: [disk] });
});

it("fails at its deadline, and names what is left, why, and what to do", async () => {
  const kept = record();
  const failing = takeDown(stage([[disk]], { minutes: 0.0005 }), teardown().work, kept, pauses);
  await expect(failing).rejects.toMatchObject({
    reason: "teardown-deadline",
    stage: "volumes",
    remaining: [disk],
    message: expect.stringContaining("volume vol-1: attached to i-1"),
    next: "Detach it. Then run this again: it goes on from there.",
  });
  expect(kept.result).toBe("failed");
});

it("names what holds it, too, where asking takes until the deadline", async () => {
  const budget: Remaining = {
    kind: "PodDisruptionBudget",
    name: "team/web",
    why: "lets no pod go",
    next: "Delete it.",
  };
  const own = stage([[disk], [disk, budget]], {
    act: () => Promise.reject(new SlipwayError("Stopped.", { reason: "deadline" })),
  });
  await expect(takeDown(own, teardown().work, record(), pauses)).rejects.toMatchObject({
    reason: "teardown-deadline",
    remaining: [disk, budget],
    message: expect.stringContaining("PodDisruptionBudget team/web: lets no pod go"),
  });
});

it("ends when the job is cancelled, and asks for nothing more", async () => {
  const controller = new AbortController();
  const own = stage([[disk]], {
    act: async () => controller.abort("cancelled"),
  });
  await expect(takeDown(own, teardown(controller.signal).work, record(), pauses)).rejects.toMatchObject({
    reason: "cancelled",
    next: "Run this again: it goes on from there.",
  });
});

it("never takes what it could not look at for gone", async () => {
  const refused = Object.assign(new Error("You may not."), { name: "UnauthorizedOperation", $metadata: {} });
  const failing = stage([], { remaining: () => Promise.reject(refused) });
  await expect(takeDown(failing, teardown().work, record(), pauses)).rejects.toMatchObject({
    reason: "access-denied",
    message: 'The stage "volumes" failed. Asking AWS failed (UnauthorizedOperation): You may not.',
  });
});

it("passes on what a stage knows of its own failure", async () => {
  const failing = stage([[disk]], {
    act: () => Promise.reject(new SlipwayError("Terraform failed.", { next: "Fix it.", reason: "apply-failed" })),
  });
  await expect(takeDown(failing, teardown().work, record(), pauses)).rejects.toMatchObject({
    reason: "apply-failed",
    next: "Fix it.",
    remaining: [disk],
  });
});
