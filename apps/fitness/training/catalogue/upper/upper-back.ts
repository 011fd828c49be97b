import type { Exercise } from "../../model/exercise.ts";
import { ours } from "../ours.ts";

/** The shoulder blades. */
export const upperBackExercises: readonly Exercise[] = [
  {
    id: "band-pull-apart",
    ...ours,
    pattern: "pull-horizontal",
    level: "novice",
    load: "bodyweight",
    unit: "person",
    equipment: ["band"],
    primary: ["upper-back"],
    secondary: ["shoulders"],
    avoid: [],
    alternatives: ["band-row", "chest-supported-row", "door-towel-row"],
    drawing: "raise",
    en: {
      name: "Band pull-apart",
      steps: [
        "Hold the band in front of you with straight arms.",
        "Pull it apart until it touches your chest.",
        "Close slowly.",
      ],
    },
    es: {
      name: "Apertura de banda",
      steps: [
        "Sujeta la banda al frente con los brazos estirados.",
        "Ábrela hasta que toque el pecho.",
        "Cierra despacio.",
      ],
    },
  },
  {
    id: "prone-y-raise",
    ...ours,
    pattern: "pull-horizontal",
    level: "novice",
    load: "bodyweight",
    unit: "person",
    equipment: [],
    primary: ["upper-back"],
    secondary: ["shoulders"],
    avoid: ["shoulder", "neck"],
    alternatives: ["band-pull-apart", "band-row"],
    drawing: "prone",
    en: {
      name: "Prone Y raise",
      steps: [
        "Lie on your front with your arms ahead in a Y, thumbs up.",
        "Lift your arms while your forehead stays low.",
        "Lower slowly.",
      ],
    },
    es: {
      name: "Elevación en Y boca abajo",
      steps: [
        "Túmbate boca abajo con los brazos en Y y los pulgares arriba.",
        "Levanta los brazos sin despegar mucho la frente.",
        "Baja despacio.",
      ],
    },
  },
  {
    id: "shoulder-blade-squeeze",
    ...ours,
    pattern: "pull-horizontal",
    level: "novice",
    load: "time",
    unit: "s",
    equipment: [],
    primary: ["upper-back"],
    secondary: [],
    avoid: [],
    alternatives: ["band-pull-apart", "band-row"],
    drawing: "seated-row",
    en: {
      name: "Shoulder blade squeeze",
      steps: [
        "Sit or stand tall with your arms at your sides.",
        "Draw your shoulder blades back and down.",
        "Hold without shrugging.",
      ],
    },
    es: {
      name: "Juntar los omóplatos",
      steps: [
        "Siéntate o ponte de pie erguido con los brazos a los lados.",
        "Lleva los omóplatos atrás y abajo.",
        "Aguanta sin encoger los hombros.",
      ],
    },
  },
  {
    id: "face-pull",
    ...ours,
    pattern: "pull-horizontal",
    level: "novice",
    load: "weighted",
    unit: "person",
    equipment: ["cable"],
    primary: ["upper-back", "shoulders"],
    secondary: ["biceps"],
    avoid: ["neck"],
    alternatives: ["seated-cable-row", "band-pull-apart", "door-towel-row"],
    drawing: "seated-row",
    en: {
      name: "Face pull",
      steps: [
        "Set a rope at eye height.",
        "Pull it towards your face with high elbows.",
        "Return slowly with straight arms.",
      ],
    },
    es: {
      name: "Jalón a la cara",
      steps: [
        "Coloca una cuerda a la altura de los ojos.",
        "Llévala hacia la cara con los codos altos.",
        "Vuelve despacio hasta estirar los brazos.",
      ],
    },
  },
  {
    id: "dumbbell-shrug",
    ...ours,
    pattern: "pull-horizontal",
    level: "novice",
    load: "weighted",
    unit: "person",
    equipment: ["dumbbells"],
    primary: ["upper-back"],
    secondary: ["forearms"],
    avoid: ["neck", "shoulder"],
    alternatives: ["chest-supported-row", "dumbbell-row", "door-towel-row"],
    drawing: "carry",
    en: {
      name: "Dumbbell shrug",
      steps: [
        "Stand with a dumbbell in each hand.",
        "Lift your shoulders straight up.",
        "Lower them slowly all the way.",
      ],
    },
    es: {
      name: "Encogimiento con mancuernas",
      steps: [
        "Ponte de pie con una mancuerna en cada mano.",
        "Sube los hombros en vertical.",
        "Bájalos despacio del todo.",
      ],
    },
  },
];
