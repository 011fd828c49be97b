import { parentOf } from "../git/objects.ts";
import type { IgnoreRule } from "./ignore-lines.ts";

/** What BuildKit does with a file: it is not sent, sent, or sent without its content, because of the rule at `index`. */
export type Sight = { sent: false } | { sent: true } | { sent: "empty"; index: number };

/** What the rules said of a path, one mark for each rule. */
interface RuleMarks {
  /** The rule matched the path or a folder above it at the time when the walk came there and asked it. */
  walked: Uint8Array;
  /** The rule matches the path or a folder above it. */
  matching: Uint8Array;
  /** The folder was not opened. */
  skipped: boolean;
}

const SIGNS = /[*[\]?^\\]/;

/**
 * Walks a tree as BuildKit's client does. A rule is only asked when it would change what the rules before it said, and a
 * path inherits what was found out about its folder. So a rule that was not asked about a folder is asked about each
 * path in it, and by that path alone. When a file's content is wanted afterwards, every rule is held against all of its
 * folders again; where that keeps the file out, BuildKit sends it empty.
 *
 * @see https://github.com/tonistiigi/fsutil/blob/586307ad452f/filter.go
 */
export class IgnoreWalk {
  readonly #rules: readonly IgnoreRule[];
  readonly #folders = new Map<string, RuleMarks>();
  /** With a slash at the end, what may be let in; `undefined` when a pattern does not say that plainly. */
  readonly #prefixes: readonly string[] | undefined;

  constructor(rules: readonly IgnoreRule[]) {
    this.#rules = rules;
    const none = new Uint8Array(rules.length);
    this.#folders.set("", { walked: none, matching: none, skipped: false });
    const included = rules.filter(({ include }) => include).map(({ pattern }) => pattern);
    const plain = included.map((pattern) => pattern.replace(/\/\*\*$/, "").replace(/\/\*$/, ""));
    if (!plain.some((path) => SIGNS.test(path))) this.#prefixes = plain.map((path) => `${path}/`);
  }

  /** @param path a file */
  look(path: string): Sight {
    const { walked, matching, skipped } = this.#marks(path);
    if (skipped || !this.#lastLetsIn(walked)) return { sent: false };
    const index = matching.lastIndexOf(1);
    return this.#lastLetsIn(matching) ? { sent: true } : { sent: "empty", index };
  }

  #marks(path: string): RuleMarks {
    const above = this.#folder(parentOf(path));
    const walked = Uint8Array.from(above.walked);
    const matching = Uint8Array.from(above.matching);
    let keptOut = false;
    for (const [index, { include, matches }] of this.#rules.entries()) {
      const asked = !walked[index] && include === keptOut;
      if ((asked || !matching[index]) && matches(path)) {
        matching[index] = 1;
        if (asked) walked[index] = 1;
      }
      if (walked[index]) keptOut = !include;
    }
    return { walked, matching, skipped: above.skipped };
  }

  /** BuildKit does not open a folder that is kept out when no pattern plainly begins with it. */
  #folder(path: string): RuleMarks {
    const known = this.#folders.get(path);
    if (known) return known;
    const marks = this.#marks(path);
    if (this.#prefixes && !this.#lastLetsIn(marks.walked))
      marks.skipped ||= !this.#prefixes.some((prefix) => prefix.startsWith(`${path}/`));
    this.#folders.set(path, marks);
    return marks;
  }

  #lastLetsIn(marks: Uint8Array): boolean {
    const last = marks.lastIndexOf(1);
    return last < 0 || (this.#rules[last]?.include ?? false);
  }
}
