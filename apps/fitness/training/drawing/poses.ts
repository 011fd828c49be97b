import type { Drawing, Pose } from "./figure.ts";

const stand: Pose = { hip: [46, 57], torso: 2, arm: [178, 176], leg: [180, 180] };
const sit: Pose = { hip: [38, 73], torso: 0, arm: [170, 130], leg: [92, 178] };
const seat = { line: [28, 76, 50, 76] } as const;
const deepSquat: Pose = { hip: [36, 81], torso: 28, arm: [100, 95], leg: [78, 200] };
const hinged: Pose = { hip: [36, 59], torso: 75, arm: [180, 180], leg: [168, 188] };
const onBack: Pose = { hip: [48, 90], torso: 270, arm: [90, 90], leg: [40, 150] };
const onFront: Pose = { hip: [41, 91], torso: 88, arm: [90, 90], leg: [270, 270] };
const onSide: Pose = { hip: [44, 90], torso: 280, arm: [95, 95], leg: [92, 92] };
const highPlank: Pose = { hip: [44, 76], torso: 68, arm: [180, 180], leg: [250, 250] };
const lowPlank: Pose = { hip: [44, 85], torso: 84, arm: [180, 95], leg: [260, 260] };
const hang: Pose = { hip: [48, 56], torso: 0, arm: [4, 2], leg: [180, 190] };
const bar = { line: [30, 6, 70, 6] } as const;
const bench = { line: [10, 78, 56, 78] } as const;

/** What the exercises look like, by the name that their rows give. Several exercises share one. */
export const drawings = {
  squat: { start: stand, end: deepSquat },
  "barbell-squat": {
    start: { ...stand, arm: [150, 10] },
    end: { ...deepSquat, arm: [170, 40] },
    props: ["shoulder-bar"],
  },
  "leg-press": {
    start: { hip: [34, 80], torso: 325, arm: [150, 120], leg: [50, 130] },
    end: { hip: [34, 80], torso: 325, arm: [150, 120], leg: [72, 76] },
  },
  lunge: {
    start: { ...stand, hip: [46, 58], leg: [155, 185], otherLeg: [200, 210] },
    end: { ...stand, hip: [46, 73], leg: [95, 178], otherLeg: [185, 268] },
  },
  "step-up": {
    start: { ...stand, leg: [100, 175], otherLeg: [180, 180] },
    end: { ...stand, hip: [58, 44], leg: [180, 180], otherLeg: [185, 195] },
    props: [{ line: [56, 83, 92, 83] }],
  },
  hinge: { start: { ...stand, arm: [150, 230] }, end: { ...hinged, arm: [200, 140] } },
  deadlift: { start: hinged, end: stand, props: ["hand-weight"] },
  "hip-thrust": {
    start: { hip: [48, 84], torso: 300, arm: [100, 95], leg: [60, 165] },
    end: { hip: [48, 68], torso: 275, arm: [105, 100], leg: [92, 170] },
    props: [{ line: [12, 76, 24, 76] }],
  },
  bridge: {
    start: onBack,
    end: { hip: [48, 79], torso: 250, arm: [98, 92], leg: [75, 170] },
  },
  kneeling: {
    start: { hip: [40, 75], torso: 5, arm: [60, 20], leg: [180, 268] },
    end: { hip: [42, 76], torso: 62, arm: [110, 60], leg: [176, 268] },
  },
  "push-up": {
    start: highPlank,
    end: { hip: [44, 86], torso: 80, arm: [255, 160], leg: [262, 262] },
  },
  pike: {
    start: { hip: [46, 56], torso: 140, arm: [135, 135], leg: [200, 200] },
    end: { hip: [48, 60], torso: 150, arm: [75, 185], leg: [200, 205] },
  },
  dip: {
    start: { hip: [48, 56], torso: 4, arm: [180, 180], leg: [175, 215] },
    end: { hip: [46, 66], torso: 18, arm: [245, 178], leg: [172, 250] },
    props: [{ line: [36, 56, 70, 56] }],
  },
  "bench-press": {
    start: { hip: [52, 74], torso: 270, arm: [100, 0], leg: [80, 175] },
    end: { hip: [52, 74], torso: 270, arm: [0, 0], leg: [80, 175] },
    props: ["hand-weight", bench],
  },
  "stand-press": { start: { ...stand, arm: [200, 70] }, end: { ...stand, arm: [92, 90] } },
  "seated-press": { start: { ...sit, arm: [180, 60] }, end: { ...sit, arm: [95, 90] }, props: [seat] },
  "overhead-press": {
    start: { ...stand, arm: [165, 15] },
    end: { ...stand, arm: [5, 2] },
    props: ["hand-weight"],
  },
  row: {
    start: hinged,
    end: { ...hinged, arm: [275, 170] },
    props: ["hand-weight"],
  },
  "seated-row": { start: { ...sit, arm: [100, 92] }, end: { ...sit, arm: [215, 85] }, props: [seat] },
  "inverted-row": {
    start: { hip: [50, 80], torso: 300, arm: [10, 8], leg: [110, 108] },
    end: { hip: [50, 70], torso: 295, arm: [120, 340], leg: [118, 116] },
  },
  "pull-up": { start: hang, end: { ...hang, hip: [48, 44], arm: [90, 345] }, props: [bar] },
  "hang-raise": { start: hang, end: { ...hang, leg: [75, 165] }, props: [bar] },
  pulldown: { start: { ...sit, arm: [10, 5] }, end: { ...sit, arm: [150, 10] }, props: [seat] },
  pushdown: { start: { ...stand, arm: [170, 50] }, end: { ...stand, arm: [172, 165] } },
  raise: { start: stand, end: { ...stand, arm: [85, 88] }, props: ["hand-weight"] },
  curl: { start: stand, end: { ...stand, arm: [176, 25] }, props: ["hand-weight"] },
  carry: {
    start: { ...stand, leg: [165, 185], otherLeg: [195, 205] },
    end: stand,
    props: ["hand-weight"],
  },
  plank: { start: highPlank, end: lowPlank },
  "side-plank": {
    start: { ...onSide, hip: [46, 90] },
    end: { hip: [46, 82], torso: 282, arm: [178, 250], leg: [105, 104], otherArm: [10, 8] },
  },
  "dead-bug": {
    start: { ...onBack, hip: [54, 90], arm: [0, 0], leg: [0, 90] },
    end: { ...onBack, hip: [54, 90], arm: [0, 0], leg: [0, 90], otherArm: [300, 300], otherLeg: [75, 80] },
  },
  "bird-dog": {
    start: { hip: [46, 74], torso: 85, arm: [180, 180], leg: [182, 268] },
    end: { hip: [46, 74], torso: 85, arm: [180, 180], leg: [182, 268], otherArm: [70, 74], otherLeg: [272, 268] },
  },
  crunch: { start: { ...onBack, arm: [60, 60] }, end: { ...onBack, torso: 305, arm: [95, 85] } },
  lying: { start: { ...onBack, otherLeg: [88, 90] }, end: { ...onBack, otherLeg: [55, 57] } },
  prone: { start: onFront, end: { ...onFront, torso: 76, arm: [80, 78], leg: [278, 282] } },
  "side-lying": { start: onSide, end: { ...onSide, otherLeg: [62, 62] } },
  calf: { start: stand, end: { ...stand, hip: [46, 51] } },
  march: {
    start: stand,
    end: { ...stand, arm: [205, 180], otherArm: [150, 110], leg: [110, 190], otherLeg: [180, 180] },
  },
  run: {
    start: { hip: [46, 54], torso: 10, arm: [220, 130], otherArm: [140, 60], leg: [115, 200], otherLeg: [200, 250] },
    end: { hip: [46, 57], torso: 8, arm: [195, 110], otherArm: [165, 80], leg: [160, 185], otherLeg: [175, 260] },
  },
  jump: {
    start: stand,
    end: { hip: [46, 52], torso: 0, arm: [40, 30], otherArm: [320, 330], leg: [160, 162], otherLeg: [200, 198] },
  },
  bike: {
    start: { hip: [36, 52], torso: 30, arm: [120, 95], leg: [105, 195], otherLeg: [160, 195] },
    end: { hip: [36, 52], torso: 30, arm: [120, 95], leg: [130, 185], otherLeg: [130, 215] },
    props: [{ line: [28, 56, 44, 56] }],
  },
} as const satisfies Readonly<Record<string, Drawing>>;
export type DrawingName = keyof typeof drawings;
