import type { MeasuresOfInterval } from "@slipway/contract";

/** The figures of one interval, or of the whole time. */
export type Figures = Omit<MeasuresOfInterval, "start">;

/** A line or bars of a chart, and a column of its table. */
export interface Series {
  label: string;
  value: (figures: Figures) => number | null;
}

/** One of the four DORA measures: what it says, and how it is shown. */
export interface DoraMeasure {
  id: string;
  title: string;
  definition: string;
  kind: "bar" | "line";
  unit: "count" | "seconds" | "share";
  /** The first one is the measure's headline. */
  series: readonly Series[];
}

/** Where the four measures are defined. */
export const source = "https://dora.dev/guides/dora-metrics-four-keys/";

export const measures: readonly DoraMeasure[] = [
  {
    id: "deployments",
    title: $localize`:@@measure.deployments:Deployment frequency`,
    definition: $localize`:@@measure.deploymentsText:How often a delivery changed what runs. Counted are deliveries that were proven to be live and changed at least one app.`,
    kind: "bar",
    unit: "count",
    series: [{ label: $localize`:@@measure.deploymentsSeries:Deployments`, value: ({ deployments }) => deployments }],
  },
  {
    id: "lead-time",
    title: $localize`:@@measure.leadTime:Lead time for changes`,
    definition: $localize`:@@measure.leadTimeText:How long a change takes from its commit to the proof that it is live: half of them take less than the median, nine of ten less than the 90th percentile.`,
    kind: "line",
    unit: "seconds",
    series: [
      { label: $localize`:@@measure.median:Median`, value: ({ leadTimeMedian }) => leadTimeMedian },
      { label: $localize`:@@measure.p90:90th percentile`, value: ({ leadTimeP90 }) => leadTimeP90 },
    ],
  },
  {
    id: "failures",
    title: $localize`:@@measure.failures:Change failure rate`,
    definition: $localize`:@@measure.failuresText:Of the releases that were made, the share that was not proven, or was taken back by a revert.`,
    kind: "line",
    unit: "share",
    series: [
      {
        label: $localize`:@@measure.failuresSeries:Failed changes`,
        value: ({ changeFailureRate }) => changeFailureRate,
      },
    ],
  },
  {
    id: "recovery",
    title: $localize`:@@measure.recovery:Failed deployment recovery time`,
    definition: $localize`:@@measure.recoveryText:How long it takes from the end of a failed delivery to the next proof in the same environment: the median.`,
    kind: "line",
    unit: "seconds",
    series: [{ label: $localize`:@@measure.median:Median`, value: ({ recoveryMedian }) => recoveryMedian }],
  },
];
