import type { ChartConfiguration } from "chart.js";

/** Colours and font as the page has them at the moment. */
export interface ChartLook {
  first: string;
  second: string;
  text: string;
  line: string;
  font: string;
}

/** Distances on an axis of seconds that are round in minutes, hours or days. */
const steps = [15, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 172_800, 604_800];

/** What a chart shows, in words and numbers. */
export interface ChartContent {
  /** What it is a chart of; the chart and its table are called so. */
  title: string;
  kind: "bar" | "line";
  /** What decides where the axis has its marks: `count` at whole numbers, `seconds` at round times. */
  unit: "count" | "seconds" | "share" | "amount";
  /** At most two, which differ by more than their colour. */
  series: readonly { label: string }[];
  /** Along the axis below. */
  labels: readonly string[];
  /** One row for each series; null where there is no value. */
  values: readonly (readonly (number | null)[])[];
  /** A value as people read it, with its unit. */
  word: (value: number) => string;
}

/**
 * chart.js's configuration for a chart. The second series is dashed as well as another colour; gaps stay gaps, as an
 * interval without an event has no value.
 */
export function chartConfig(
  content: ChartContent,
  look: ChartLook,
  animate: boolean,
): ChartConfiguration<"bar" | "line"> {
  const { kind, unit, series, labels, values, word } = content;
  return {
    type: kind,
    data: {
      labels: [...labels],
      datasets: series.map(({ label }, index) => ({
        label,
        data: [...(values[index] ?? [])],
        borderColor: index === 0 ? look.first : look.second,
        backgroundColor: index === 0 ? look.first : look.second,
        ...(kind === "line"
          ? { borderWidth: 2, borderDash: index === 0 ? [] : [6, 4], pointRadius: 3 }
          : { borderRadius: 4, maxBarThickness: 28 }),
      })),
    },
    options: {
      font: { family: look.font },
      animation: animate ? { duration: 350 } : false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      plugins: {
        legend: {
          display: series.length > 1,
          align: "end",
          labels: { color: look.text, boxHeight: 0, boxWidth: 24 },
        },
        tooltip: { callbacks: { label: ({ dataset, parsed }) => `${dataset.label ?? ""}: ${word(parsed.y ?? 0)}` } },
      },
      scales: {
        x: { grid: { display: false }, ticks: { color: look.text, maxRotation: 0, autoSkipPadding: 16 } },
        y: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: look.line },
          ticks: {
            color: look.text,
            maxTicksLimit: 7,
            callback: (value) => word(Number(value)),
            ...(unit === "count" && { precision: 0 }),
            ...(unit === "seconds" && { stepSize: stepOf(values) }),
          },
        },
      },
    },
  };
}

/** The smallest round distance with which five marks reach the highest value. */
export function stepOf(values: readonly (readonly (number | null)[])[]): number {
  const highest = Math.max(0, ...values.flat().map((value) => value ?? 0));
  return steps.find((step) => highest / step <= 5) ?? Math.ceil(highest / 5);
}
