import type { Exercise } from "../model/exercise.ts";
import { type Drawing, svgOf } from "./figure.ts";
import { drawings } from "./poses.ts";

export { type Drawing, type Pose, svgOf } from "./figure.ts";
export { type DrawingName, drawings } from "./poses.ts";

const byName: Readonly<Record<string, Drawing | undefined>> = drawings;

/** The drawing of an exercise as SVG; undefined where it has none. It holds nothing but our own numbers: safe to insert. */
export function drawingOf({ drawing }: Pick<Exercise, "drawing">): string | undefined {
  const found = drawing !== undefined && Object.hasOwn(byName, drawing) ? byName[drawing] : undefined;
  return found && svgOf(found);
}
