import type { Equipment, Injury, TextLanguage, Level, Muscle, Pattern } from "../model/exercise.ts";
import type { EquipmentSet, Goal } from "../model/profile.ts";

/** One name in each language. */
type Names<Id extends string> = Readonly<Record<Id, Readonly<Record<TextLanguage, string>>>>;

const name = (en: string, es: string) => ({ en, es });

export const muscleTexts: Names<Muscle> = {
  chest: name("chest", "pecho"),
  lats: name("lats", "dorsales"),
  "upper-back": name("upper back", "espalda alta"),
  "lower-back": name("lower back", "zona lumbar"),
  shoulders: name("shoulders", "hombros"),
  biceps: name("biceps", "bíceps"),
  triceps: name("triceps", "tríceps"),
  forearms: name("forearms", "antebrazos"),
  abdominals: name("abdominals", "abdominales"),
  obliques: name("obliques", "oblicuos"),
  glutes: name("glutes", "glúteos"),
  quadriceps: name("quadriceps", "cuádriceps"),
  hamstrings: name("hamstrings", "isquiotibiales"),
  adductors: name("inner thighs", "aductores"),
  abductors: name("outer hips", "abductores"),
  "hip-flexors": name("hip flexors", "flexores de la cadera"),
  calves: name("calves", "gemelos"),
};

export const equipmentTexts: Names<Equipment> = {
  dumbbells: name("dumbbells", "mancuernas"),
  barbell: name("a barbell", "una barra"),
  rack: name("a rack", "un soporte para barra"),
  bench: name("a bench", "un banco"),
  kettlebell: name("a kettlebell", "una pesa rusa"),
  band: name("a band", "una banda elástica"),
  "pull-up-bar": name("a pull-up bar", "una barra de dominadas"),
  "dip-bars": name("parallel bars", "unas paralelas"),
  cable: name("a cable machine", "una polea"),
  machine: name("gym machines", "máquinas de gimnasio"),
  treadmill: name("a treadmill", "una cinta de correr"),
  bike: name("an exercise bike", "una bicicleta estática"),
  rower: name("a rowing machine", "una máquina de remo"),
  rope: name("a skipping rope", "una cuerda de saltar"),
  box: name("a box", "un cajón"),
};

export const equipmentSetTexts: Names<EquipmentSet> = {
  nothing: name("Nothing", "Nada"),
  bands: name("Elastic bands", "Bandas elásticas"),
  dumbbells: name("Dumbbells", "Mancuernas"),
  kettlebell: name("A kettlebell", "Una pesa rusa"),
  home: name("A corner at home", "Un rincón en casa"),
  garage: name("A barbell at home", "Barra en casa"),
  gym: name("A gym", "Un gimnasio"),
};

export const injuryTexts: Names<Injury> = {
  knee: name("knee", "la rodilla"),
  "lower-back": name("lower back", "la zona lumbar"),
  shoulder: name("shoulder", "el hombro"),
  wrist: name("wrist", "la muñeca"),
  elbow: name("elbow", "el codo"),
  neck: name("neck", "el cuello"),
  hip: name("hip", "la cadera"),
  ankle: name("ankle", "el tobillo"),
};

export const levelTexts: Names<Level> = {
  novice: name("novice", "principiante"),
  intermediate: name("intermediate", "intermedio"),
  advanced: name("advanced", "avanzado"),
};

export const goalTexts: Names<Goal> = {
  "lose-weight": name("lose weight", "perder peso"),
  "gain-muscle": name("gain muscle", "ganar músculo"),
  endurance: name("endurance", "resistencia"),
  "stay-healthy": name("stay healthy", "mantenerte sano"),
};

export const patternTexts: Names<Pattern> = {
  squat: name("squat", "sentadilla"),
  lunge: name("lunge", "zancada"),
  hinge: name("hip hinge", "bisagra de cadera"),
  "knee-flexion": name("knee bend", "flexión de rodilla"),
  "push-horizontal": name("push forward", "empuje horizontal"),
  "push-vertical": name("push overhead", "empuje vertical"),
  "pull-horizontal": name("pull to the chest", "tirón horizontal"),
  "pull-vertical": name("pull down", "tirón vertical"),
  "shoulder-isolation": name("shoulders alone", "hombros"),
  "elbow-flexion": name("arm bend", "flexión de codo"),
  "elbow-extension": name("arm stretch", "extensión de codo"),
  core: name("trunk", "tronco"),
  hip: name("hips", "cadera"),
  calf: name("calves", "gemelos"),
  carry: name("carry", "acarreo"),
  conditioning: name("heart and lungs", "cardio"),
};
