import { Counter, Gauge, Histogram } from "prom-client";
import type { Metrics } from "../service/metrics.ts";

/** How an attempt ended: `refused` was not made, as the breaker is open; `deadline` had no time left. */
export type Outcome = "answered" | "failed" | "timeout" | "refused" | "deadline";

const states = ["closed", "half-open", "open"] as const;

/** The series of all dependencies, made once for each registry. */
const registered = new WeakMap<Metrics, ReturnType<typeof register>>();

function register({ registry }: Metrics) {
  const registers = [registry];
  return {
    calls: new Counter({
      name: "dependency_calls_total",
      help: "Attempts to ask a dependency, by how they ended.",
      labelNames: ["dependency", "outcome"],
      registers,
    }),
    retries: new Counter({
      name: "dependency_retries_total",
      help: "Attempts to ask a dependency after the first of a call.",
      labelNames: ["dependency"],
      registers,
    }),
    duration: new Histogram({
      name: "dependency_call_duration_seconds",
      help: "Time that attempts to ask a dependency took, in seconds.",
      labelNames: ["dependency"],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    breaker: new Gauge({
      name: "dependency_breaker",
      help: "1 for the state that a dependency's breaker is in.",
      labelNames: ["dependency", "state"],
      registers,
    }),
  };
}

/** What one dependency tells its metrics. */
export function dependencyMetrics(metrics: Metrics, dependency: string) {
  const series = registered.get(metrics) ?? register(metrics);
  registered.set(metrics, series);
  series.retries.inc({ dependency }, 0);
  return {
    /** An attempt begins. @returns what to call with its end */
    started(): (outcome: Outcome) => void {
      const timed = series.duration.startTimer({ dependency });
      return (outcome) => {
        timed();
        series.calls.inc({ dependency, outcome });
      };
    },
    refused(): void {
      series.calls.inc({ dependency, outcome: "refused" satisfies Outcome });
    },
    retried(): void {
      series.retries.inc({ dependency });
    },
    breakerIs(current: (typeof states)[number]): void {
      for (const state of states) series.breaker.set({ dependency, state }, state === current ? 1 : 0);
    },
  };
}
