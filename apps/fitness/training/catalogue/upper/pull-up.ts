import type { Exercise } from "../../model/exercise.ts";
import { ours } from "../ours.ts";

/** Pulling oneself up. */
export const pullUpExercises: readonly Exercise[] = [
  {
    id: "pull-up",
    ...ours,
    pattern: "pull-vertical",
    level: "advanced",
    load: "bodyweight",
    unit: "person",
    equipment: ["pull-up-bar"],
    primary: ["lats", "upper-back"],
    secondary: ["biceps", "forearms"],
    bodyShare: 1,
    avoid: ["shoulder", "elbow"],
    alternatives: [
      "lat-pulldown",
      "assisted-pull-up",
      "slow-lowering-pull-up",
      "chin-up",
      "prone-pulldown",
      "wall-elbow-press",
    ],
    drawing: "pull-up",
    en: {
      name: "Pull-up",
      steps: [
        "Hang from the bar, palms away from you.",
        "Pull until your chin is above the bar.",
        "Lower to straight arms.",
      ],
    },
    es: {
      name: "Dominada",
      steps: [
        "Cuélgate de la barra con las palmas hacia fuera.",
        "Sube hasta pasar la barbilla por encima de la barra.",
        "Baja hasta estirar los brazos.",
      ],
    },
  },
  {
    id: "chin-up",
    ...ours,
    pattern: "pull-vertical",
    level: "intermediate",
    load: "bodyweight",
    unit: "person",
    equipment: ["pull-up-bar"],
    primary: ["lats", "biceps"],
    secondary: ["upper-back", "forearms"],
    bodyShare: 1,
    avoid: ["shoulder", "elbow", "wrist"],
    alternatives: ["pull-up", "slow-lowering-pull-up", "prone-pulldown", "wall-elbow-press"],
    drawing: "pull-up",
    en: {
      name: "Chin-up",
      steps: ["Hang from the bar, palms towards you.", "Pull your chest to the bar.", "Lower slowly."],
    },
    es: {
      name: "Dominada supina",
      steps: ["Cuélgate de la barra con las palmas hacia ti.", "Lleva el pecho a la barra.", "Baja despacio."],
    },
  },
  {
    id: "slow-lowering-pull-up",
    ...ours,
    pattern: "pull-vertical",
    level: "novice",
    load: "bodyweight",
    unit: "person",
    equipment: ["pull-up-bar"],
    primary: ["lats", "upper-back"],
    secondary: ["biceps", "forearms"],
    bodyShare: 1,
    avoid: ["shoulder", "elbow"],
    alternatives: ["lat-pulldown", "assisted-pull-up", "prone-pulldown", "wall-elbow-press"],
    drawing: "pull-up",
    en: {
      name: "Slow-lowering pull-up",
      steps: [
        "Climb on a chair so that your chin is over the bar.",
        "Take your feet off and lower for five seconds.",
        "Step up and repeat.",
      ],
    },
    es: {
      name: "Dominada negativa",
      steps: [
        "Súbete a una silla hasta tener la barbilla sobre la barra.",
        "Quita los pies y baja en cinco segundos.",
        "Vuelve a subir y repite.",
      ],
    },
  },
  {
    id: "assisted-pull-up",
    ...ours,
    pattern: "pull-vertical",
    level: "novice",
    load: "assisted",
    unit: "person",
    equipment: ["machine"],
    primary: ["lats", "upper-back"],
    secondary: ["biceps"],
    bodyShare: 1,
    avoid: ["shoulder", "elbow"],
    alternatives: ["lat-pulldown", "slow-lowering-pull-up", "prone-pulldown", "machine-row"],
    drawing: "pull-up",
    en: {
      name: "Assisted pull-up",
      steps: [
        "Kneel on the pad and grip the bar.",
        "Pull until your chin passes your hands.",
        "Lower slowly; less help makes it harder.",
      ],
    },
    es: {
      name: "Dominada asistida en máquina",
      steps: [
        "Arrodíllate en la plataforma y agarra la barra.",
        "Sube hasta que la barbilla pase las manos.",
        "Baja despacio; cuanta menos ayuda, más difícil.",
      ],
    },
  },
];
