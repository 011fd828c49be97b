import { roundWeight, type Weight } from "../measure/units.ts";
import type { Catalogue, TextLanguage } from "../model/exercise.ts";
import type { Amount, Message, Name, Value } from "../model/message.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { equipmentTexts, goalTexts, injuryTexts, levelTexts, muscleTexts, patternTexts } from "./names.ts";

const sentences = { en, es };

const names: Readonly<
  Record<Exclude<Name["kind"], "exercise">, Readonly<Record<string, Readonly<Record<TextLanguage, string>>>>>
> = {
  muscle: muscleTexts,
  equipment: equipmentTexts,
  injury: injuryTexts,
  pattern: patternTexts,
  goal: goalTexts,
  level: levelTexts,
};

/** A thing's name; its id where the catalogue does not have it (any more). */
export function sayName({ kind, id }: Name, language: TextLanguage, catalogue: Catalogue): string {
  return (kind === "exercise" ? catalogue.get(id)?.[language].name : names[kind][id]?.[language]) ?? id;
}

/** A weight with its unit: `42.5 kg`, in Spanish `42,5 kg`. */
export function sayWeight(weight: Weight, language: TextLanguage): string {
  const { value, unit } = roundWeight(weight, 2);
  return `${sayNumber(value, language)}\u00a0${unit}`;
}

/** A time or a distance in the unit that suits its size: `45 seconds`, `20 minutes`, `1.5 kilometres`. */
export function sayAmount({ amount, of }: Amount, language: TextLanguage): string {
  const large =
    of === "seconds" ? { unit: "minute", size: 60, from: 90 } : { unit: "kilometer", size: 1_000, from: 1_000 };
  const [unit, value] =
    amount >= large.from ? [large.unit, amount / large.size] : [of === "seconds" ? "second" : "meter", amount];
  // "en" alone spells "meters".
  const locale = language === "en" ? "en-GB" : language;
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 }).format(
    value,
  );
}

const sayNumber = (value: number, language: TextLanguage) =>
  new Intl.NumberFormat(language, { maximumFractionDigits: 2, useGrouping: "min2" }).format(value).replace("-", "−");

/** Writes a message in a language. It begins with a capital letter. */
export function say({ key, values }: Message, language: TextLanguage, catalogue: Catalogue): string {
  const text = sentences[language][key].replaceAll(
    /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g,
    (_whole, place: string, one: string | undefined, many: string | undefined) => {
      const value = values[place];
      if (value === undefined) throw new RangeError(`The message ${key} lacks "${place}".`);
      const said = sayValue(value, language, catalogue);
      if (one === undefined || many === undefined) return said;
      return `${said} ${value === 1 ? one : many}`;
    },
  );
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}

function sayValue(value: Value, language: TextLanguage, catalogue: Catalogue): string {
  if (typeof value === "number") return sayNumber(value, language);
  if ("unit" in value) return sayWeight(value, language);
  if ("of" in value) return sayAmount(value, language);
  if ("kind" in value) return sayName(value, language, catalogue);
  const list = value.map((each) => sayName(each, language, catalogue));
  return new Intl.ListFormat(language, { type: "conjunction" }).format(list);
}
