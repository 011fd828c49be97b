import type { DeliverySummary } from "@slipway/contract";

/** A row of the list for a test, which names what matters to it. */
export function rowOf(part: Partial<DeliverySummary> = {}): DeliverySummary {
  return {
    id: "1-1",
    identity: {
      repository: "o/r",
      run: "1",
      attempt: 1,
      commit: "c0ffee".repeat(7).slice(0, 40),
      branch: "main",
      actor: "a-user",
    },
    kind: "delivery",
    environment: "dev",
    title: "A change",
    author: "A user",
    outcome: "running",
    committedAt: "2026-03-01T09:58:00.000Z",
    startedAt: "2026-03-01T10:00:00.000Z",
    finishedAt: null,
    provenAt: null,
    built: 0,
    adopted: 0,
    failed: 0,
    stage: "plan",
    ...part,
  };
}
