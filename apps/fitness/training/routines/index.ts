import type { TextLanguage, Level } from "../model/exercise.ts";
import type { Goal } from "../model/profile.ts";
import type { Routine } from "../model/routine.ts";
import { day, hold, reps } from "./build.ts";

/** A routine that comes with FitFusion, to follow as it is or to copy and change. */
export interface PredefinedRoutine extends Omit<Routine, "name"> {
  level: Level;
  goals: readonly Goal[];
  name: Readonly<Record<TextLanguage, string>>;
  about: Readonly<Record<TextLanguage, string>>;
}

/** Every predefined routine. Ids never change. */
export const predefinedRoutines: readonly PredefinedRoutine[] = [
  {
    id: "first-steps",
    level: "novice",
    goals: ["stay-healthy", "lose-weight"],
    name: { en: "First steps at home", es: "Primeros pasos en casa" },
    about: {
      en: "Two short days without any equipment, with a walk after each.",
      es: "Dos días cortos sin material, con una caminata al final de cada uno.",
    },
    days: [
      day(
        "A",
        reps("chair-squat", 2, 8, 12),
        reps("incline-push-up", 2, 8, 12),
        reps("door-towel-row", 2, 8, 12),
        reps("glute-bridge", 2, 8, 12),
        reps("dead-bug", 2, 8, 12),
        hold("brisk-walk", 1, 900, 1_200, 0),
      ),
      day(
        "B",
        reps("low-step-up", 2, 8, 12),
        reps("hip-hinge", 2, 8, 12),
        reps("table-shoulder-press", 2, 8, 12),
        reps("prone-pulldown", 2, 8, 12),
        reps("bird-dog", 2, 8, 12),
        hold("brisk-walk", 1, 900, 1_200, 0),
      ),
    ],
    cycle: ["A", null, null, "B", null, null, null],
  },
  {
    id: "dumbbells-alternating",
    level: "novice",
    goals: ["gain-muscle", "stay-healthy"],
    name: { en: "Two dumbbells, every other day", es: "Dos mancuernas, un día sí y otro no" },
    about: {
      en: "Whole body in two days that alternate with rest: A, rest, B, rest. It does not care for weeks.",
      es: "Todo el cuerpo en dos días que alternan con descanso: A, descanso, B, descanso. No depende de la semana.",
    },
    days: [
      day(
        "A",
        reps("dumbbell-goblet-squat", 3, 8, 12),
        reps("dumbbell-floor-press", 3, 8, 12),
        reps("dumbbell-row", 3, 8, 12),
        reps("hammer-curl", 2, 8, 12, 60),
        hold("plank", 2, 20, 45),
      ),
      day(
        "B",
        reps("dumbbell-romanian-deadlift", 3, 8, 12),
        reps("dumbbell-shoulder-press", 3, 8, 12),
        reps("dumbbell-pullover", 3, 8, 12),
        reps("dumbbell-kickback", 2, 8, 12, 60),
        reps("crunch", 2, 8, 12, 60),
      ),
    ],
    cycle: ["A", null, "B", null],
  },
  {
    id: "barbell-alternating",
    level: "intermediate",
    goals: ["gain-muscle"],
    name: { en: "Barbell, every other day", es: "Barra, un día sí y otro no" },
    about: {
      en: "Few, heavy movements with a barbell and a pull-up bar: A, rest, B, rest.",
      es: "Pocos movimientos pesados con barra y barra de dominadas: A, descanso, B, descanso.",
    },
    days: [
      day(
        "A",
        reps("back-squat", 3, 5, 8, 180),
        reps("bench-press", 3, 5, 8, 180),
        reps("barbell-row", 3, 6, 10, 150),
        reps("hanging-knee-raise", 3, 8, 12),
      ),
      day(
        "B",
        reps("deadlift", 3, 5, 5, 180),
        reps("overhead-press", 3, 5, 8, 180),
        reps("chin-up", 3, 5, 10, 150),
        reps("standing-calf-raise", 3, 10, 15, 60),
      ),
    ],
    cycle: ["A", null, "B", null],
  },
  {
    id: "gym-upper-lower",
    level: "intermediate",
    goals: ["gain-muscle"],
    name: { en: "Gym in four days: upper and lower body", es: "Gimnasio en cuatro días: torso y piernas" },
    about: {
      en: "Two days for the upper body and two for the legs in a week.",
      es: "Dos días de torso y dos de piernas por semana.",
    },
    days: [
      day(
        "upper-1",
        reps("dumbbell-bench-press", 3, 6, 10, 150),
        reps("seated-cable-row", 3, 8, 12, 120),
        reps("dumbbell-shoulder-press", 3, 8, 12, 120),
        reps("lat-pulldown", 3, 8, 12, 120),
        reps("cable-curl", 2, 10, 15, 60),
        reps("cable-pushdown", 2, 10, 15, 60),
      ),
      day(
        "lower-1",
        reps("back-squat", 3, 6, 10, 180),
        reps("romanian-deadlift", 3, 8, 12, 150),
        reps("leg-press", 3, 10, 15, 120),
        reps("seated-leg-curl", 3, 10, 15, 90),
        reps("cable-crunch", 3, 10, 15, 60),
      ),
      day(
        "upper-2",
        reps("assisted-pull-up", 3, 6, 10, 150),
        reps("incline-dumbbell-press", 3, 8, 12, 120),
        reps("machine-row", 3, 8, 12, 120),
        reps("cable-lateral-raise", 3, 10, 15, 60),
        reps("dumbbell-lying-extension", 2, 10, 15, 60),
        reps("hammer-curl", 2, 10, 15, 60),
      ),
      day(
        "lower-2",
        reps("deadlift", 3, 5, 8, 180),
        reps("bulgarian-split-squat", 3, 8, 12, 120),
        reps("barbell-hip-thrust", 3, 8, 12, 120),
        reps("machine-calf-raise", 4, 10, 15, 60),
        hold("plank", 3, 30, 60),
      ),
    ],
    cycle: ["upper-1", "lower-1", null, "upper-2", "lower-2", null, null],
  },
  {
    id: "kettlebell-three",
    level: "intermediate",
    goals: ["lose-weight", "endurance"],
    name: { en: "One kettlebell, three days", es: "Una pesa rusa, tres días" },
    about: {
      en: "Strength and breath with a single kettlebell.",
      es: "Fuerza y resistencia con una sola pesa rusa.",
    },
    days: [
      day(
        "A",
        reps("kettlebell-goblet-squat", 3, 10, 15),
        reps("kettlebell-press", 3, 8, 12),
        reps("kettlebell-row", 3, 10, 15),
        reps("kettlebell-swing", 4, 12, 20, 60),
      ),
      day(
        "B",
        reps("kettlebell-deadlift", 3, 10, 15),
        reps("kettlebell-floor-press", 3, 10, 15),
        reps("kettlebell-reverse-lunge", 3, 8, 12),
        reps("suitcase-carry", 3, 4, 8, 60),
      ),
      day(
        "C",
        reps("kettlebell-swing", 5, 12, 20, 60),
        reps("kettlebell-pullover", 3, 10, 15),
        reps("kettlebell-curl", 2, 10, 15, 60),
        hold("side-plank", 2, 20, 40),
      ),
    ],
    cycle: ["A", null, "B", null, "C", null, null],
  },
  {
    id: "bands-anywhere",
    level: "novice",
    goals: ["stay-healthy", "gain-muscle"],
    name: { en: "A band, anywhere", es: "Una banda, en cualquier lugar" },
    about: {
      en: "Whole body with one elastic band, two days that alternate.",
      es: "Todo el cuerpo con una banda elástica, en dos días que alternan.",
    },
    days: [
      day(
        "A",
        reps("band-squat", 3, 8, 12),
        reps("band-chest-press", 3, 8, 12),
        reps("band-row", 3, 8, 12),
        reps("band-curl", 2, 8, 12, 60),
        reps("band-pallof-press", 2, 8, 12, 60),
      ),
      day(
        "B",
        reps("band-good-morning", 3, 8, 12),
        reps("band-shoulder-press", 3, 8, 12),
        reps("band-pulldown", 3, 8, 12),
        reps("band-pushdown", 2, 8, 12, 60),
        reps("pelvic-tilt", 2, 8, 12, 60),
      ),
    ],
    cycle: ["A", null, null, "B", null, null, null],
  },
];
