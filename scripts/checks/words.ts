import { SlipwayError } from "../../actions/lib/core/errors.ts";
import { repositoryTexts } from "./documents.ts";

/**
 * Words and phrases that we do not use, each with what to write in its place. Comments, messages and documents are for
 * people who read English as a foreign language: short main clauses, the subject first, the words of the field.
 *
 * The key is a regular expression of whole words, in which a space stands for any white space, also across lines.
 */
export const unusedWords: Readonly<Record<string, string>> = {
  "mend(s|ed|ing)?": "fix, repair, correct",
  "(none )?of ours": "our own; or say what is wrong with it: invalid, unknown",
  "(?<!there )is none": "is not one; or say what is wrong with it: invalid, missing",
  beside: "next to, in addition to, along with",
  anew: "again",
  "of before": "previous, earlier, old",
  "in the place of": "instead of",
  "looks? whether": "checks whether",
  "(parted|apart) by": "separated by",
  "another (one )?than": "other than, different from",
  "of no use": "cannot be used, has no effect",
  '(?<=["`;.]\\s*)it may be(?= (\\$\\{|an? |any |names |https))': "Allowed:",
  "time is over": "deadline has passed, time is up",
  "(is|are) begun": "is started",
  "for want of": "because it lacks, without",
  "the same again": "a repetition, sending it twice",
  "begins? alike": "begins in the same way",
  "(told|said) at once": "reported immediately",
  "at once it is said": "immediately reports",
  "so often (it|a)": "how often, the time between",
  "nobody is at it": "no operation is running",
  "that is all": "name what has ended: No more deliveries",
  "cannot go with": "cannot be combined with",
  "(?<!there )is no (?!longer|more|such|one)\\w+": "is not a ...",
};

const patterns = Object.entries(unusedWords).map(([words, instead]) => ({
  pattern: new RegExp(`(?<![\\w-])${words.replaceAll(" ", "\\s+")}(?![\\w-])`, "gi"),
  instead,
}));

/** The unused words of a text, each as `line: "words"; write: ...`. */
export function findUnusedWords(text: string): string[] {
  // What begins a line of a comment is no word, and keeps its length so that lines can be counted afterwards.
  const prose = text.replaceAll(/\n[ \t]*(\*|\/\/|#|>)?/g, (start) => `\n${" ".repeat(start.length - 1)}`);
  return patterns
    .flatMap(({ pattern, instead }) =>
      [...prose.matchAll(pattern)].map(({ 0: words, index }) => ({
        line: prose.slice(0, index).split("\n").length,
        says: `"${words.replaceAll(/\s+/g, " ")}"; write: ${instead}`,
      })),
    )
    .toSorted((one, other) => one.line - other.line)
    .map(({ line, says }) => `${line}: ${says}`);
}

/** Looks through everything that people read. @throws SlipwayError naming each unused word with its file and line */
export async function checkWords(root: string): Promise<void> {
  const isProse = (path: string) =>
    /\.(ts|md|ya?ml|tf|html|sh)$/.test(path) && !/^scripts\/checks\/words(\.test)?\.ts$/.test(path);
  const texts = await repositoryTexts(root, isProse);
  const found = texts.flatMap(({ path, text }) => findUnusedWords(text).map((each) => `${path}:${each}`));
  if (found.length > 0)
    throw new SlipwayError(found.join("\n"), { next: "scripts/checks/words.ts lists the words and what to write." });
}
