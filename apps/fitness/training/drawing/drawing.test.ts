import { expect, test } from "vitest";
import { type Drawing, jointsOf, lengths, svgOf } from "./figure.ts";
import { drawingOf } from "./index.ts";
import { drawings } from "./poses.ts";

const all = Object.entries<Drawing>(drawings);

test.each(all)("%s stays inside of its frame and above the ground", (_name, { start, end }) => {
  for (const pose of [start, end])
    for (const [joint, [x, y]] of Object.entries(jointsOf(pose))) {
      // A head has a radius of five, and lies on the ground at most.
      const [top, bottom] = joint === "head" ? [7, 95.1] : [2, 97];
      expect({ joint, x: x >= 2 && x <= 98, y: y >= top && y <= bottom }).toEqual({ joint, x: true, y: true });
    }
});

test.each(all)("%s moves", (_name, { start, end }) => {
  expect(jointsOf(start)).not.toEqual(jointsOf(end));
});

test("limbs keep their length in every pose", () => {
  for (const [, { start, end }] of all)
    for (const pose of [start, end]) {
      const at = jointsOf(pose);
      const distance = ([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]) =>
        Math.hypot(x1 - x2, y1 - y2);
      expect(distance(at.hip, at.knee)).toBeCloseTo(lengths.thigh, 6);
      expect(distance(at.otherElbow, at.otherHand)).toBeCloseTo(lengths.lowerArm, 6);
      expect(distance(at.hip, at.neck)).toBeCloseTo(lengths.torso, 6);
    }
});

test("the SVG takes the colour of its text, is hidden from screen readers and holds no text or script", () => {
  for (const [, drawing] of all) {
    const svg = svgOf(drawing);
    expect(svg).toContain('stroke="currentColor"');
    expect(svg).toContain('aria-hidden="true"');
    expect(svg).not.toMatch(/<(text|script|image|foreignObject)|NaN|undefined|on\w+=/);
  }
});

test("no drawing comes from an unknown name, or from one that every object has", () => {
  expect(drawingOf({ drawing: "toString" })).toBeUndefined();
  expect(drawingOf({})).toBeUndefined();
});
