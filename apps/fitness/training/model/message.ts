import type { Weight } from "../measure/units.ts";
import type { MessageKey } from "../texts/en.ts";

/** A thing that has a name in each language, such as a muscle. */
export interface Name {
  kind: "exercise" | "muscle" | "equipment" | "injury" | "pattern" | "goal" | "level";
  id: string;
}

/** A time or a distance. */
export interface Amount {
  amount: number;
  of: "seconds" | "metres";
}

/** What fills a place in a text. */
export type Value = number | Weight | Amount | Name | readonly Name[];

/** A sentence without its language: `say` (texts/say.ts) writes it in English or Spanish. It is plain JSON. */
export interface Message {
  key: MessageKey;
  values: Readonly<Record<string, Value>>;
}

/** A message with what fills its places. */
export function message(key: MessageKey, values: Message["values"] = {}): Message {
  return { key, values };
}
