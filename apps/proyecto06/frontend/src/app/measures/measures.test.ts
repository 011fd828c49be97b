import "@angular/localize/init";
import { describe, expect, test } from "vitest";
import { chartConfig, stepOf } from "@slipway/ui/charts/chart-config";
import { measures } from "./measure";
import { measuresAddressOf, measuresQueryOf, measuresRequestOf } from "./query";
import { wordFigure, wordInterval } from "./wording";

describe("the address", () => {
  test("defaults are left out, and taken for what it does not know", () => {
    expect(measuresQueryOf(new URLSearchParams("interval=year&range=7"))).toEqual({
      environment: "",
      interval: "week",
      range: "90",
    });
    expect(measuresAddressOf({ environment: "", interval: "week", range: "90" })).toEqual({
      environment: null,
      interval: null,
      range: null,
    });
  });

  test("the request ends with today, so that it is the same all day", () => {
    const query = measuresQueryOf(new URLSearchParams("range=30&environment=dev"));
    const morning = measuresRequestOf(query, Date.parse("2026-03-31T00:00:01Z"));
    expect(morning).toEqual({
      environment: "dev",
      interval: "week",
      from: "2026-03-02T00:00:00.000Z",
      to: "2026-03-31T23:59:59.999Z",
    });
    expect(measuresRequestOf(query, Date.parse("2026-03-31T23:59:59Z"))).toEqual(morning);
  });
});

test("figures and intervals in words", () => {
  expect(wordFigure(252, "seconds", "en-GB")).toBe("4m 12s");
  expect(wordFigure(0.5, "share", "en-GB")).toBe("50%");
  expect(wordFigure(1_180, "count", "en-GB")).toBe("1,180");
  expect(wordInterval("2026-03-02T00:00:00.000Z", "week", "en-GB")).toBe("2 Mar");
  expect(wordInterval("2026-03-01T00:00:00.000Z", "month", "es-ES")).toBe("mar 2026");
});

test("an interval without an event is a gap in the chart, and the second line is dashed", () => {
  const leadTime = measures.find(({ id }) => id === "lead-time");
  if (!leadTime) throw new Error("no such measure");
  const content = {
    ...leadTime,
    labels: ["a", "b"],
    values: [
      [60, null],
      [120, null],
    ],
    word: String,
  };
  const look = { first: "teal", second: "brown", text: "grey", line: "silver", font: "sans-serif" };
  const { data, options } = chartConfig(content, look, false);
  expect(data.datasets.map((each) => each.data)).toEqual([
    [60, null],
    [120, null],
  ]);
  expect(data.datasets[1]).toMatchObject({ borderDash: [6, 4] });
  expect(options?.animation).toBe(false);
});

test.each([
  [[[0]], 15],
  [[[100, null]], 30],
  [[[740], [120]], 300],
  [[[5_000_000]], 1_000_000],
])("marks of %j are round", (values, step) => {
  expect(stepOf(values)).toBe(step);
});
