/**
 * A stick figure from the side, made of limbs of a fixed length: a pose says only where the hip is and how each limb is
 * turned. 0° points up, 90° to the right, 180° down. The figure looks to the right.
 */
export interface Pose {
  /** Where the hip is, in a square of 100 by 100; y goes down. */
  hip: readonly [x: number, y: number];
  torso: number;
  /** The limbs: the part at the body, then the part at its end. */
  arm: readonly [upper: number, lower: number];
  leg: readonly [thigh: number, shin: number];
  /** The limbs of the other side, where they differ. */
  otherArm?: readonly [upper: number, lower: number];
  otherLeg?: readonly [thigh: number, shin: number];
}

/** What an exercise looks like: where it starts and where it ends, and what stands or is held there. */
export interface Drawing {
  start: Pose;
  end: Pose;
  props?: readonly Prop[];
}

/** A thing that is drawn along: a weight in the hand or on the shoulder, or a line that stands still. */
export type Prop = "hand-weight" | "shoulder-bar" | { line: readonly [x1: number, y1: number, x2: number, y2: number] };

export type Joint =
  "hip" | "neck" | "head" | "elbow" | "hand" | "knee" | "foot" | "otherElbow" | "otherHand" | "otherKnee" | "otherFoot";
type At = readonly [x: number, y: number];

/** The lengths of the limbs. */
export const lengths = { torso: 26, head: 9, upperArm: 13, lowerArm: 12, thigh: 19, shin: 19 } as const;
const headRadius = 5;

const along = ([x, y]: At, angle: number, length: number): At => {
  const radians = (angle * Math.PI) / 180;
  return [x + Math.sin(radians) * length, y - Math.cos(radians) * length];
};

/** Where each joint of a pose is. */
export function jointsOf(pose: Pose): Record<Joint, At> {
  const neck = along(pose.hip, pose.torso, lengths.torso);
  const limb = (from: At, [upper, lower]: readonly [number, number], long: number, short: number): [At, At] => {
    const middle = along(from, upper, long);
    return [middle, along(middle, lower, short)];
  };
  const [elbow, hand] = limb(neck, pose.arm, lengths.upperArm, lengths.lowerArm);
  const [otherElbow, otherHand] = limb(neck, pose.otherArm ?? pose.arm, lengths.upperArm, lengths.lowerArm);
  const [knee, foot] = limb(pose.hip, pose.leg, lengths.thigh, lengths.shin);
  const [otherKnee, otherFoot] = limb(pose.hip, pose.otherLeg ?? pose.leg, lengths.thigh, lengths.shin);
  const head = along(neck, pose.torso, lengths.head);
  return { hip: pose.hip, neck, head, elbow, hand, knee, foot, otherElbow, otherHand, otherKnee, otherFoot };
}

const point = ([x, y]: At) => `${Number(x.toFixed(1))} ${Number(y.toFixed(1))}`;
const path = (points: readonly At[]) => `M${points.map(point).join("L")}`;

function figure(pose: Pose, props: readonly Prop[]): string {
  const at = jointsOf(pose);
  const limbs = [
    [at.neck, at.hip],
    [at.neck, at.otherElbow, at.otherHand],
    [at.hip, at.otherKnee, at.otherFoot],
    [at.neck, at.elbow, at.hand],
    [at.hip, at.knee, at.foot],
  ];
  const drawn = props.map((prop) => {
    if (typeof prop === "object")
      return `<path d="${path([
        [prop.line[0], prop.line[1]],
        [prop.line[2], prop.line[3]],
      ])}"/>`;
    const [x, y] = prop === "hand-weight" ? at.hand : at.neck;
    return `<circle cx="${Number(x.toFixed(1))}" cy="${Number(y.toFixed(1))}" r="4" fill="currentColor"/>`;
  });
  const [x, y] = at.head;
  const head = `<circle cx="${Number(x.toFixed(1))}" cy="${Number(y.toFixed(1))}" r="${headRadius}"/>`;
  return `${head}<path d="${[...new Set(limbs.map(path))].join("")}"/>${drawn.join("")}`;
}

/**
 * An SVG of both poses, next to each other, in the colour of the text around it. It is hidden from screen readers: the
 * steps of the exercise say the same in words.
 */
export function svgOf({ start, end, props = [] }: Drawing): string {
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 100" fill="none" stroke="currentColor" stroke-width="2.5"',
    ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">',
    '<path d="M2 96L98 96M112 96L208 96" stroke-width="1"/>',
    `<g>${figure(start, props)}</g><g transform="translate(110 0)">${figure(end, props)}</g></svg>`,
  ].join("");
}
