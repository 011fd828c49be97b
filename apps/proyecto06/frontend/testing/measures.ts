import type { Measures } from "@slipway/contract";

/** Thirteen weeks with ups and downs, one of them without anything. */
export function measuresOf(query: {
  environment: string | null;
  interval: Measures["interval"];
  from: string;
  to: string;
}): Measures {
  const step = { day: 1, week: 7, month: 30 }[query.interval] * 86_400_000;
  const intervals: Measures["intervals"] = [];
  for (let at = Date.parse(query.from), n = 0; at < Date.parse(query.to); at += step, n++) {
    const quiet = n % 9 === 4;
    intervals.push({
      start: new Date(at).toISOString(),
      deployments: quiet ? 0 : 6 + ((n * 5) % 9),
      leadTimeMedian: quiet ? null : 190 + ((n * 37) % 140),
      leadTimeP90: quiet ? null : 420 + ((n * 71) % 380),
      changeFailureRate: quiet ? null : ((n * 3) % 7) / 40,
      recoveryMedian: n % 3 === 1 ? 900 + ((n * 211) % 1_500) : null,
    });
  }
  return {
    ...query,
    intervals,
    total: {
      deployments: 118,
      leadTimeMedian: 252,
      leadTimeP90: 655,
      changeFailureRate: 0.0714,
      recoveryMedian: 1_420,
    },
  };
}
