import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";

// Only what is drawn here: the rest of the library is left out. This file is a bundle of its own, loaded by the first
// chart.
Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, LineController);
Chart.register(LineElement, PointElement, Tooltip);

/** Draws a chart. @returns what takes it away again */
export function draw(canvas: HTMLCanvasElement, config: ChartConfiguration<"bar" | "line">): () => void {
  // Of all charts: what a chart itself is given does not come to its axes.
  const family = config.options?.font;
  if (typeof family === "object" && "family" in family) Object.assign(Chart.defaults.font, family);
  const chart = new Chart(canvas, config);
  return () => {
    chart.destroy();
  };
}
