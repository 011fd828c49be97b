import type { Exercise } from "../../model/exercise.ts";
import { ours } from "../ours.ts";

/** Stretching the hips on one's back. */
export const bridgeExercises: readonly Exercise[] = [
  {
    id: "glute-bridge",
    ...ours,
    pattern: "hip",
    level: "novice",
    load: "bodyweight",
    unit: "person",
    equipment: [],
    primary: ["glutes"],
    secondary: ["hamstrings"],
    avoid: [],
    alternatives: ["clamshell", "dumbbell-glute-bridge"],
    drawing: "bridge",
    en: {
      name: "Glute bridge",
      steps: [
        "Lie on your back with your knees bent.",
        "Lift your hips until your body is straight from knees to shoulders.",
        "Lower slowly.",
      ],
    },
    es: {
      name: "Puente de glúteos",
      steps: [
        "Túmbate boca arriba con las rodillas flexionadas.",
        "Sube la cadera hasta alinear rodillas y hombros.",
        "Baja despacio.",
      ],
    },
  },
  {
    id: "single-leg-glute-bridge",
    ...ours,
    pattern: "hip",
    level: "intermediate",
    load: "bodyweight",
    unit: "person",
    equipment: [],
    primary: ["glutes"],
    secondary: ["hamstrings", "abdominals"],
    avoid: ["lower-back"],
    alternatives: ["barbell-hip-thrust", "clamshell"],
    drawing: "bridge",
    en: {
      name: "Single-leg glute bridge",
      steps: [
        "Lie on your back with one foot down and one leg up.",
        "Lift your hips level.",
        "Lower slowly and change.",
      ],
    },
    es: {
      name: "Puente de glúteos a una pierna",
      steps: [
        "Túmbate boca arriba con un pie apoyado y la otra pierna en alto.",
        "Sube la cadera nivelada.",
        "Baja despacio y cambia.",
      ],
    },
  },
  {
    id: "barbell-hip-thrust",
    ...ours,
    pattern: "hip",
    level: "intermediate",
    load: "weighted",
    unit: "person",
    equipment: ["barbell", "bench"],
    primary: ["glutes"],
    secondary: ["hamstrings"],
    avoid: ["lower-back", "hip"],
    alternatives: ["single-leg-glute-bridge", "clamshell"],
    drawing: "hip-thrust",
    en: {
      name: "Barbell hip thrust",
      steps: [
        "Rest your upper back on a bench, padded bar over your hips.",
        "Drive your hips up until your thighs are level.",
        "Lower under control.",
      ],
    },
    es: {
      name: "Empuje de cadera con barra",
      steps: [
        "Apoya la parte alta de la espalda en un banco con la barra acolchada sobre la cadera.",
        "Sube la cadera hasta que los muslos queden horizontales.",
        "Baja con control.",
      ],
    },
  },
  {
    id: "dumbbell-glute-bridge",
    ...ours,
    pattern: "hip",
    level: "novice",
    load: "weighted",
    unit: "person",
    equipment: ["dumbbells"],
    primary: ["glutes"],
    secondary: ["hamstrings"],
    avoid: ["hip"],
    alternatives: ["clamshell", "glute-bridge"],
    drawing: "bridge",
    en: {
      name: "Dumbbell glute bridge",
      steps: ["Lie on your back with a dumbbell across your hips.", "Lift your hips and squeeze.", "Lower slowly."],
    },
    es: {
      name: "Puente de glúteos con mancuerna",
      steps: ["Túmbate boca arriba con una mancuerna sobre la cadera.", "Sube la cadera y aprieta.", "Baja despacio."],
    },
  },
  {
    id: "kettlebell-glute-bridge",
    ...ours,
    pattern: "hip",
    level: "novice",
    load: "weighted",
    unit: "kg",
    equipment: ["kettlebell"],
    primary: ["glutes"],
    secondary: ["hamstrings"],
    avoid: ["hip"],
    alternatives: ["clamshell", "glute-bridge"],
    drawing: "bridge",
    en: {
      name: "Kettlebell glute bridge",
      steps: [
        "Lie on your back with the kettlebell on your hips.",
        "Lift your hips until you are straight.",
        "Lower slowly.",
      ],
    },
    es: {
      name: "Puente de glúteos con pesa rusa",
      steps: [
        "Túmbate boca arriba con la pesa rusa sobre la cadera.",
        "Sube la cadera hasta quedar recto.",
        "Baja despacio.",
      ],
    },
  },
];
